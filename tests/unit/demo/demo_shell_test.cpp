#include "controller/daemon/demo_shell.h"

#include <gtest/gtest.h>

#include "controller/base/durable_file.h"
#include "controller/base/error.h"

namespace failgate {
namespace {

class DemoShellTest : public ::testing::Test {
 protected:
  [[nodiscard]] DemoShell Shell() {
    return {processes_, folder_.path(), folder_.path(), stop_.get_token()};
  }
  TemporaryFolder folder_;
  std::stop_source stop_;
  ProcessRunner processes_;
};

TEST_F(DemoShellTest, RunsInItsFolderWithAnEnvironmentOfItsOwn) {
  const DemoAnswer answer =
      Shell().Run({"sh", "-c", "pwd; echo $HOME $WHO; exit 3"}, {{"WHO", "dana"}});
  const std::string folder = std::filesystem::canonical(folder_.path()).string();
  EXPECT_EQ(answer.text, folder + "\n" + folder_.path().string() + " dana\n");
  EXPECT_EQ(answer.exit_code, 3);
}

TEST_F(DemoShellTest, SaysWhatFailedWhenItMustNot) {
  try {
    Shell().Must({"sh", "-c", "echo broken; exit 4"});
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("exit code 4: broken"), std::string::npos);
  }
}

TEST_F(DemoShellTest, EndsACommandThatASignalKilled) {
  EXPECT_THROW(static_cast<void>(Shell().Run({"sh", "-c", "kill -9 $$"})), Error);
}

TEST_F(DemoShellTest, EndsWhenItIsStopped) {
  stop_.request_stop();
  EXPECT_THROW(static_cast<void>(Shell().Run({"sleep", "60"})), Error);
}

TEST(AsTyped, QuotesOnlyWhatAShellWouldTakeApart) {
  EXPECT_EQ(AsTyped({"failgate", "promote", "shop-3", "prod"}), "failgate promote shop-3 prod");
  EXPECT_EQ(AsTyped({"git", "commit", "-m", "it's $here", ""}),
            "git commit -m 'it'\\''s $here' ''");
}

}  // namespace
}  // namespace failgate
