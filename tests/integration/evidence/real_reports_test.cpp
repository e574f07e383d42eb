// Reports as the real tools of this machine write them.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "controller/base/durable_file.h"
#include "controller/evidence/evidence.h"
#include "controller/process/process.h"

namespace failgate {
namespace {

namespace fs = std::filesystem;

class RealReports : public ::testing::Test {
 protected:
  void Write(const std::string& path, const std::string& text) {
    std::ofstream(folder() / path) << text;
  }
  ProcessResult Run(std::vector<std::string> argv) {
    ProcessSpec spec;
    spec.argv = std::move(argv);
    spec.cwd = folder();
    spec.env = {{"PATH", "/usr/local/bin:/usr/bin:/bin"}, {"HOME", folder().string()}};
    spec.timeout = std::chrono::minutes(2);
    return runner_.Run(spec);
  }
  Report Read(const std::string& path, ReportKind kind) {
    auto report = ReadReport(ReadFile(folder() / path), kind, folder().string());
    EXPECT_TRUE(report.has_value()) << report.error().text;
    return report ? std::move(*report) : Report();
  }
  [[nodiscard]] fs::path folder() const { return folder_; }

 private:
  TemporaryFolder temporary_;
  fs::path folder_ = fs::canonical(temporary_.path());
  ProcessRunner runner_;
};

TEST_F(RealReports, given_pytest_with_coverage_when_read_then_cases_and_lines_are_counted) {
  Write("rates.py", "def rate(x):\n    if x > 1:\n        return 1\n    return x\n");
  Write("test_rates.py",
        "import pytest, rates\n"
        "def test_low(): assert rates.rate(0) == 0\n"
        "def test_wrong(): assert rates.rate(0) == 5\n"
        "@pytest.mark.xfail\n"
        "def test_known(): assert False\n"
        "@pytest.fixture\n"
        "def broken(): raise RuntimeError('x')\n"
        "def test_setup(broken): pass\n");
  static_cast<void>(Run({"/usr/bin/python3",
                         "-m",
                         "pytest",
                         "-q",
                         "--junitxml=unit.xml",
                         "--cov=rates",
                         "--cov-branch",
                         "--cov-report=xml:coverage.xml",
                         "--cov-report=lcov:coverage.info"}));
  const TestReport tests = Read("unit.xml", ReportKind::kTests).tests;
  EXPECT_EQ(ToTestCounts(tests), (TestCounts{1, 1, 1, 1}));
  const CoverageReport cobertura = Read("coverage.xml", ReportKind::kCoverage).coverage;
  ASSERT_EQ(cobertura.files.count("rates.py"), 1U);
  EXPECT_EQ(CountCoverage(cobertura), (CoverageFigures{3, 4, 1, 2}));
  const CoverageFigures lcov = CountCoverage(Read("coverage.info", ReportKind::kCoverage).coverage);
  EXPECT_EQ(lcov.lines_covered, 3);
  EXPECT_EQ(lcov.lines_total, 4);
}

TEST_F(RealReports, given_pytest_that_collects_nothing_when_read_then_it_is_refused) {
  static_cast<void>(Run({"/usr/bin/python3", "-m", "pytest", "-q", "--junitxml=unit.xml"}));
  const auto report = ReadReport(ReadFile(folder() / "unit.xml"), ReportKind::kTests);
  ASSERT_FALSE(report.has_value());
  EXPECT_EQ(report.error().code, "report_empty");
}

TEST_F(RealReports, given_ctest_when_read_then_each_status_is_counted) {
  Write("CTestTestfile.cmake",
        "add_test(good /bin/true)\nadd_test(bad /bin/false)\nadd_test(off /bin/true)\n"
        "set_tests_properties(off PROPERTIES DISABLED TRUE)\n");
  static_cast<void>(Run({"ctest", "--output-junit", "ctest.xml"}));
  EXPECT_EQ(ToTestCounts(Read("ctest.xml", ReportKind::kTests).tests), (TestCounts{1, 1, 0, 1}));
}

TEST_F(RealReports, given_gtest_when_read_then_its_disabled_test_is_not_passed) {
  static_cast<void>(Run({fs::read_symlink("/proc/self/exe").string(),
                         "--gtest_filter=ForReport.*",
                         "--gtest_output=xml:" + (folder() / "gtest.xml").string()}));
  EXPECT_EQ(ToTestCounts(Read("gtest.xml", ReportKind::kTests).tests), (TestCounts{1, 0, 0, 2}));
}

TEST(ForReport, Passes) {
  SUCCEED();
}
TEST(ForReport, Skips) {
  // Only in the program started above: a run of all tests shall show no skip that is none.
  if (testing::GTEST_FLAG(filter) != "ForReport.*") return;
  GTEST_SKIP() << "shows how gtest writes a skipped test";
}
TEST(ForReport, DISABLED_NeverRuns) {
  FAIL();
}

}  // namespace
}  // namespace failgate
