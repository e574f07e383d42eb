#include "controller/evidence/placed_coverage.h"

#include <gtest/gtest.h>

namespace failgate {
namespace {

Report Measured(const std::string& dialect, const std::string& path) {
  Report report;
  report.kind = ReportKind::kCoverage;
  report.dialect = dialect;
  report.coverage.files[path][1].hits = 1;
  return report;
}

std::string PlacedAs(const Report& report, const SourceTree& tree) {
  const PlacedCoverage placed = PlaceCoverage(report, tree);
  return placed.ambiguous.empty() ? placed.coverage.files.begin()->first
                                  : "any of " + placed.ambiguous;
}

TEST(PlaceCoverage, FindsTheSourceRootOfAPackage) {
  const Report report = Measured("jacoco", "com/acme/A.java");
  EXPECT_EQ(PlacedAs(report, {{"src/main/java/com/acme/A.java", "A.java"}, {}}),
            "src/main/java/com/acme/A.java");
  EXPECT_EQ(PlacedAs(report, {{"one/xcom/acme/A.java"}, {}}), "com/acme/A.java");
  EXPECT_EQ(PlacedAs(report, {{"com/acme/A.java"}, {}}), "com/acme/A.java");
}

TEST(PlaceCoverage, DoesNotChooseAmongSeveral) {
  const SourceTree tree{{"api/src/com/acme/A.java", "worker/src/com/acme/A.java"}, {}};
  EXPECT_EQ(PlacedAs(Measured("jacoco", "com/acme/A.java"), tree), "any of com/acme/A.java");
}

TEST(PlaceCoverage, ChoosesByTheModule) {
  const SourceTree tree{{"api/src/com/acme/A.java", "worker/src/com/acme/A.java"}, {}};
  EXPECT_EQ(PlacedAs(Measured("jacoco", "worker:/com/acme/A.java"), tree),
            "worker/src/com/acme/A.java");
  EXPECT_EQ(PlacedAs(Measured("jacoco", "other:/com/acme/A.java"), tree),
            "any of other:/com/acme/A.java");
  EXPECT_EQ(PlacedAs(Measured("jacoco", "The module:/com/acme/A.java"),
                     {{"src/main/java/com/acme/A.java"}, {}}),
            "src/main/java/com/acme/A.java");
}

TEST(PlaceCoverage, KnowsWhereAModuleOfGoLies) {
  const SourceTree tree{{"score.go", "churn/score.go", "tools/main.go"},
                        {{"example.com/churn", ""}, {"example.com/churn/tools", "tools"}}};
  EXPECT_EQ(PlacedAs(Measured("go", "example.com/churn/score.go"), tree), "score.go");
  EXPECT_EQ(PlacedAs(Measured("go", "example.com/churn/churn/score.go"), tree), "churn/score.go");
  EXPECT_EQ(PlacedAs(Measured("go", "example.com/churn/tools/main.go"), tree), "tools/main.go");
  EXPECT_EQ(PlacedAs(Measured("go", "example.com/other/score.go"), tree),
            "example.com/other/score.go");
}

TEST(PlaceCoverage, LeavesOtherDialectsAlone) {
  const SourceTree tree{{"src/score.js"}, {}};
  EXPECT_EQ(PlacedAs(Measured("lcov", "dist/src/score.js"), tree), "dist/src/score.js");
}

TEST(GoModule, IsReadFromItsFile) {
  EXPECT_EQ(GoModuleOf("// churn\nmodule example.com/churn // ours\n\ngo 1.22\n"),
            "example.com/churn");
  EXPECT_EQ(GoModuleOf("module \"example.com/churn\"\n"), "example.com/churn");
  EXPECT_EQ(GoModuleOf("go 1.22\n"), "");
}

}  // namespace
}  // namespace failgate
