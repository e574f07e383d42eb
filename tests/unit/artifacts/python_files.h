// Real files for the recogniser: made by the machine's Python, or kept in tests/data/artifacts.
#pragma once

#include <string>

#include "controller/artifacts/file_format.h"

namespace failgate {

/// What the script wrote to sys.stdout.buffer (as `out`). Python's own library alone is there.
[[nodiscard]] std::string PythonBytes(const std::string& script);
/// A file of tests/data/artifacts.
[[nodiscard]] std::string KeptBytes(const std::string& name);

[[nodiscard]] RecognisedFormat FormatOf(const std::string& bytes);

}  // namespace failgate
