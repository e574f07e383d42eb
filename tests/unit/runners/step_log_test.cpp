#include "controller/runners/step_log.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <filesystem>

#include "controller/base/error.h"
#include "controller/base/secret.h"

namespace failgate {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class StepLogTest : public testing::Test {
 protected:
  [[nodiscard]] std::string Text() const { return ReadFile(path_); }
  TemporaryFolder folder_;
  std::filesystem::path path_ = folder_.path() / "log";
};

TEST_F(StepLogTest, WritesWholeLinesAtOnceAndTheRestAtTheEnd) {
  StepLog log(path_, 1000);
  log.Append("one\ntw");
  EXPECT_EQ(Text(), "one\n");
  log.Append("o\n");
  EXPECT_EQ(Text(), "one\ntwo\n");
  log.Append("end");
  log.Finish();
  EXPECT_EQ(Text(), "one\ntwo\nend\n");
  EXPECT_EQ(log.bytes(), 12);
  EXPECT_FALSE(log.truncated());
  EXPECT_EQ(log.last_line(), "end");
}

TEST_F(StepLogTest, KeepsTheHeadAndSaysThatItWasCut) {
  StepLog log(path_, 10);
  log.Append("12345\n7890123\n");
  log.Append("never seen\n");
  log.Finish();
  EXPECT_TRUE(log.truncated());
  EXPECT_EQ(log.bytes(), 6);
  EXPECT_THAT(Text(), StartsWith("12345\n… output truncated"));
  EXPECT_THAT(Text(), Not(HasSubstr("never")));
}

TEST_F(StepLogTest, NeverCutsACharacter) {
  StepLog log(path_, 4);
  log.Append("ééé\n");
  EXPECT_THAT(Text(), StartsWith("éé\n… output"));
}

TEST_F(StepLogTest, FindsASecretThatIsWrittenByteByByte) {
  RegisterSecret(Secret("step-log-canary"));
  StepLog log(path_, 1000);
  for (const char byte : std::string("a step-log-canary b")) log.Append(std::string(1, byte));
  log.Finish();
  EXPECT_EQ(Text(), "a *** b\n");
}

TEST_F(StepLogTest, FindsASecretAnywhereInALineWithoutEnd) {
  RegisterSecret(Secret("step-log-canary"));
  StepLog log(path_, 1'000'000);
  for (int i = 0; i < 200; ++i) {
    log.Append(std::string(997, 'x') + "step-log");
    log.Append("-canary");
  }
  log.Finish();
  EXPECT_THAT(Text(), Not(HasSubstr("canary")));
  EXPECT_THAT(Text(), EndsWith("x***\n"));
}

TEST_F(StepLogTest, CanBeReadWhileALineWithoutEndGrows) {
  StepLog log(path_, 1'000'000);
  log.Append(std::string(200'000, 'x'));
  EXPECT_GT(Text().size(), 100'000U);
  log.Finish();
  EXPECT_EQ(Text().size(), 200'001U);
}

TEST_F(StepLogTest, FollowsNoLink) {
  std::filesystem::create_symlink(folder_.path() / "elsewhere", path_);
  EXPECT_THROW(StepLog(path_, 1000), Error);
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "elsewhere"));
}

TEST(SafeLogText, KeepsLinesAndTabsAndEscapesTheRest) {
  EXPECT_EQ(SafeLogText("a\tb\r\nc\rd\n\n"), "a\tb\nc\nd\n\n");
  EXPECT_EQ(SafeLogText("é"), "é");
  const std::string unsafe = SafeLogText("\x1b[31m\x07\x7f");
  EXPECT_THAT(unsafe, Not(HasSubstr("\x1b")));
  EXPECT_THAT(unsafe, HasSubstr("[31m"));
  EXPECT_EQ(SafeLogText(""), "");
}

}  // namespace
}  // namespace failgate
