// The demo as a user starts it: the built program, nothing faked.
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "controller/base/durable_file.h"
#include "controller/process/process.h"

namespace failgate {
namespace {

class Demo : public ::testing::Test {
 protected:
  /// Steps of a root controller run as users of their own, who must pass through.
  Demo() { std::filesystem::permissions(place_.path(), std::filesystem::perms(0711)); }
  [[nodiscard]] ProcessResult Run(const std::vector<std::string>& arguments) {
    ProcessSpec spec;
    spec.argv = {FAILGATE_PROGRAM, "demo"};
    spec.argv.insert(spec.argv.end(), arguments.begin(), arguments.end());
    spec.cwd = place_.path();
    spec.env = {{"PATH", std::getenv("PATH")}, {"TMPDIR", place_.path().string()}};
    spec.timeout = std::chrono::minutes(8);
    return processes_.Run(spec);
  }
  [[nodiscard]] std::string Token(const char* handle) const {
    const auto file = place_.path() / "demo/people" / (std::string(handle) + ".token");
    return ReadFile(file).substr(0, ReadFile(file).find('\n'));
  }

  TemporaryFolder place_;
  ProcessRunner processes_;
};

TEST_F(Demo, given_a_new_folder_when_the_demo_runs_once_then_the_whole_story_comes_true) {
  const ProcessResult result = Run({"--once", "--dir", "demo"});
  EXPECT_EQ(result.exit_code, 0) << result.stdout_text << result.stderr_text;
  EXPECT_NE(result.stdout_text.find("11. What git says"), std::string::npos);
  EXPECT_EQ(result.stdout_text.find('\x1b'), std::string::npos);
  for (const char* handle : {"dana", "alice", "bob", "carol", "you"}) {
    EXPECT_EQ(result.stdout_text.find(Token(handle)), std::string::npos) << handle;
  }
}

TEST_F(Demo, given_a_folder_that_holds_something_when_the_demo_starts_then_it_is_refused) {
  CreateFolders(place_.path() / "demo");
  WriteFileDurably(place_.path() / "demo/mine", "precious");
  const ProcessResult result = Run({"--once", "--dir", "demo"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_NE(result.stderr_text.find("is not empty"), std::string::npos);
  EXPECT_EQ(ReadFile(place_.path() / "demo/mine"), "precious");
}

}  // namespace
}  // namespace failgate
