#include "controller/evidence/placed_coverage.h"

#include <gtest/gtest.h>

namespace failgate {
namespace {

CoverageReport Measured(const std::string& path) {
  CoverageReport coverage;
  coverage.files[path][1].hits = 1;
  return coverage;
}

std::string PlacedAs(const std::string& path, const std::vector<std::string>& files) {
  return PlaceCoverage(Measured(path), files).files.begin()->first;
}

TEST(PlaceCoverage, KeepsWhatIsAFile) {
  EXPECT_EQ(PlacedAs("a/b.py", {"a/b.py", "x/a/b.py"}), "a/b.py");
}

TEST(PlaceCoverage, FindsTheSourceRootOfAPackage) {
  EXPECT_EQ(PlacedAs("com/acme/A.java", {"src/main/java/com/acme/A.java", "A.java"}),
            "src/main/java/com/acme/A.java");
}

TEST(PlaceCoverage, ChoosesNoneOfTwo) {
  EXPECT_EQ(PlacedAs("com/acme/A.java", {"one/com/acme/A.java", "two/com/acme/A.java"}),
            "com/acme/A.java");
  EXPECT_EQ(PlacedAs("acme/A.java", {"one/xacme/A.java"}), "acme/A.java");
}

TEST(PlaceCoverage, StripsTheImportPath) {
  EXPECT_EQ(PlacedAs("example.com/churn/pkg/score.go", {"pkg/score.go", "score.go"}),
            "pkg/score.go");
  EXPECT_EQ(PlacedAs("example.com/other/score.go", {"main.go"}), "example.com/other/score.go");
}

TEST(PlaceCoverage, JoinsTwoNamesOfOneFile) {
  CoverageReport coverage = Measured("pkg/score.go");
  coverage.files["example.com/churn/pkg/score.go"][2].hits = 0;
  const CoverageReport placed = PlaceCoverage(coverage, {"pkg/score.go"});
  ASSERT_EQ(placed.files.size(), 1U);
  EXPECT_EQ(placed.files.at("pkg/score.go").size(), 2U);
}

}  // namespace
}  // namespace failgate
