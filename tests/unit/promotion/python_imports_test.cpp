#include "controller/promotion/python_imports.h"

#include <gtest/gtest.h>

#include "controller/base/text.h"

namespace failgate {
namespace {

std::string Names(const std::string& text) {
  const auto imports = ScanPythonImports(text);
  if (!imports) return "refused: " + imports.error().text;
  std::vector<std::string> names;
  for (const PythonImport& one : *imports)
    names.push_back(one.name + ":" + std::to_string(one.line));
  return Join(names, " ");
}

TEST(PythonImports, AreFoundInEveryForm) {
  EXPECT_EQ(Names("import a"), "a:1");
  EXPECT_EQ(Names("import a.b as c, d\n"), "a.b:1 d:1");
  EXPECT_EQ(Names("from a.b import c, d as e\n"), "a.b.c:1 a.b.d:1");
  EXPECT_EQ(Names("from a import *\n"), "a:1");
  EXPECT_EQ(Names("from a import (\n  b,  # why\n  c as d,\n)\n"), "a.b:2 a.c:3");
  EXPECT_EQ(Names("import a, \\\n  b\nimport c\r\nimport d"), "a:1 b:2 c:3 d:4");
  EXPECT_EQ(Names("\xEF\xBB\xBFimport a"), "a:1");
}

TEST(PythonImports, AreFoundAtAnyDepth) {
  EXPECT_EQ(Names("try: import a\nexcept ImportError: a = None; import b\n"), "a:1 b:2");
  EXPECT_EQ(Names("def f(x=[1, 2]):\n  if x[1:2]:\n    from c import d\n"), "c.d:3");
  EXPECT_EQ(Names("class A:\n\timport e\n"), "e:2");
}

TEST(PythonImports, AreNoneInStringsCommentsAndOtherStatements) {
  EXPECT_EQ(Names("# import a\nx = 'import b'\ny = \"\"\"\nimport c\n'\\\"\"\"\"\nz = f'{x}'\n"),
            "");
  EXPECT_EQ(Names("x = '''\n\\'''\nimport a\n'''\nimport b\n"), "b:5");
  EXPECT_EQ(Names("x = r'\\'; import a\n"), "refused: line 1: a string does not end");
  EXPECT_EQ(Names("def g():\n  yield from h()\nraise E from e\nimportant = 1\nfrom_a = 2\n"), "");
  EXPECT_EQ(Names("x = (1,\nimport_a)\n"), "");
}

TEST(PythonImports, LeaveOutWhatIsRelative) {
  EXPECT_EQ(Names("from . import a\nfrom ..b import c\nfrom ... import (d, e)\nimport f"), "f:4");
}

TEST(PythonImports, RefuseWhatTheyDoNotUnderstand) {
  for (const char* text : {"import",
                           "import a b",
                           "import a,",
                           "from a",
                           "from a import",
                           "from import a",
                           "from a import (b",
                           "from a import b, 1",
                           "x = 'open",
                           "x = '''open",
                           "x = (1",
                           "x = 1)",
                           "x = '\xff'"}) {
    EXPECT_EQ(Names(text).substr(0, 8), "refused:") << text;
  }
}

TEST(PythonImports, KnowTheStandardLibrary) {
  for (const char* name : {"os", "sys", "json", "asyncio", "zoneinfo", "__future__", "_thread"}) {
    EXPECT_TRUE(IsStandardModule(name)) << name;
  }
  for (const char* name : {"numpy", "yaml", "", "os.path", "zzz"}) {
    EXPECT_FALSE(IsStandardModule(name)) << name;
  }
}

}  // namespace
}  // namespace failgate
