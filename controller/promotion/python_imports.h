// What a Python file imports, by its import statements.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "controller/base/result.h"

namespace failgate {

struct PythonImport {
  /// "a.b" of `import a.b`; "a.b.c" of `from a.b import c`; "a" of `from a import *`.
  std::string name;
  int line = 0;
};

/// Statements at any depth (in functions, under try and if); relative imports are the source's own
/// and are left out. Strings, comments, brackets and continued lines are respected; what a program
/// imports by calling something is not seen. Refused (code "python"): a string that does not end,
/// brackets that do not match, an import statement that is none, bytes that are not UTF-8.
[[nodiscard]] Result<std::vector<PythonImport>> ScanPythonImports(std::string_view text);

/// Modules of the standard library of Python 3.11.
[[nodiscard]] bool IsStandardModule(std::string_view name);

}  // namespace failgate
