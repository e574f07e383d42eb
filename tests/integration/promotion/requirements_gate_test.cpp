// The gate `requirements` over a real source: imports of the released revision.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/promotion/ladder_world.h"

namespace failgate {
namespace {

using testing::HasSubstr;

class JudgedImports : public testing::Test {
 protected:
  JudgedImports() {
    world_.EditMain({{"environments/recette/environment.yaml",
                      "after: dev\npolicy: deployment\ngates:\n  requirements:\n"
                      "    sets: [{paths: [\"src/**\"], file: requirements.txt}]\n"
                      "    dev: [dev.txt]\n"}},
                    "Judge imports");
  }
  void Release(const std::string& content, const std::map<std::string, std::string>& files) {
    world_.source.Commit(files, "Change the source");
    world_.PassRun({5, 2, 90, content});
    world_.Turn();
  }

  LadderWorld world_;
};

TEST_F(JudgedImports, GetInWhenEachResolvesFromItsOwnSet) {
  Release("one",
          {{"requirements.txt", "PyYAML>=6\n"},
           {"dev.txt", "-r requirements.txt\npytest\n"},
           {"src/app.py", "import os, yaml\nfrom own import thing\nfrom . import other\n"},
           {"src/own.py", "thing = 'import pytest'\n"}});
  EXPECT_EQ(world_.Live("recette"), "one") << world_.Status("recette").text;
  Release("two", {{"src/own.py", "def f():\n    import pytest\n"}});
  EXPECT_EQ(world_.Live("recette"), "one");
  EXPECT_THAT(world_.Status("recette").text,
              HasSubstr("src/own.py:2: import pytest: only dev offers it, requirements.txt does "
                        "not"));
  Release("three", {{"src/own.py", "x = 'open\n"}});
  EXPECT_THAT(world_.Status("recette").text, HasSubstr("a string does not end"));
  Release("four", {{"src/own.py", "thing = 1\n"}, {"tools/x.py", "import yaml\n"}});
  EXPECT_THAT(world_.Status("recette").text, HasSubstr("1 Python file is in no set"));
  EXPECT_EQ(world_.Live("recette"), "one");
  const AuditReport report = world_.Audit();
  EXPECT_TRUE(report.ok()) << (report.problems.empty() ? "" : report.problems[0].text);
}

}  // namespace
}  // namespace failgate
