#include "controller/api/step_progress.h"

#include <gtest/gtest.h>

#include <string>

#include "controller/api/step_log.h"
#include "controller/base/durable_file.h"

namespace failgate {
namespace {

StepProgress Of(long long step, long long of, double auc) {
  return {step, of, {{"auc", auc}}};
}

TEST(StepProgress, IsTheNewestLineThatTellsIt) {
  const std::string log =
      "::progress {\"step\": 1, \"of\": 9, \"auc\": 0.7}\n"
      "epoch done\n"
      "::progress {\"step\": 2, \"of\": 9, \"auc\": 0.75}\n"
      "more\n";
  EXPECT_EQ(NewestProgress(log, false), Of(2, 9, 0.75));
}

TEST(StepProgress, IsNotReadFromALineThatIsStillWritten) {
  const std::string log = "::progress {\"step\": 1, \"of\": 9, \"auc\": 0.7}\n::progress {\"step\"";
  EXPECT_EQ(NewestProgress(log, false), Of(1, 9, 0.7));
  EXPECT_EQ(NewestProgress("::progress {\"step\": 1}", false), std::nullopt);
}

TEST(StepProgress, IsNotReadFromALineThatWasCutOff) {
  const std::string log = "::progress {\"step\": 1, \"of\": 9, \"auc\": 0.7}\n";
  EXPECT_EQ(NewestProgress(log, true), std::nullopt);
  EXPECT_EQ(NewestProgress("x\n" + log, true), Of(1, 9, 0.7));
}

TEST(StepProgress, NeedsNoCount) {
  const auto seen = NewestProgress("::progress {\"loss\": 0.5}\n", false);
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->step, std::nullopt);
  EXPECT_EQ(seen->metrics.at("loss"), 0.5);
}

TEST(StepProgress, PassesOverWhatIsNoProgress) {
  std::string many = "{\"m0\": 0";
  for (int metric = 1; metric <= 20; ++metric) {
    many += ", \"m" + std::to_string(metric) + "\": 0";
  }
  for (const std::string& wrong : {std::string("nothing"),
                                   std::string("{}"),
                                   std::string("[1]"),
                                   std::string("{\"step\": -1}"),
                                   std::string("{\"step\": 1.5}"),
                                   std::string("{\"step\": 10, \"of\": 9}"),
                                   std::string("{\"of\": 9}"),
                                   std::string("{\"auc\": \"high\"}"),
                                   std::string("{\"auc\": 1e999}"),
                                   std::string("{\"\": 1}"),
                                   many + "}",
                                   "{\"" + std::string(5000, 'x') + "\": 1}"}) {
    EXPECT_EQ(NewestProgress("::progress " + wrong + "\n", false), std::nullopt) << wrong;
  }
  EXPECT_EQ(NewestProgress(" ::progress {\"step\": 1}\n\n", false), std::nullopt);
  EXPECT_EQ(NewestProgress("", false), std::nullopt);
}

TEST(StepLog, ReadsTheTailAndSaysWhetherItIsAll) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "log";
  EXPECT_EQ(ReadLogTail(path, 4).bytes, "") << "not begun";
  WriteFileDurably(path, "123456");
  EXPECT_EQ(ReadLogTail(path, 4).bytes, "3456");
  EXPECT_FALSE(ReadLogTail(path, 4).to_the_end);
  EXPECT_EQ(ReadLogTail(path, 6).bytes, "123456");
  EXPECT_TRUE(ReadLogTail(path, 6).to_the_end);
}

TEST(StepLog, LiesUnderTheLogFolderOrNowhere) {
  Step step;
  EXPECT_EQ(LogPathOf("/logs", step), std::nullopt);
  for (const char* outside : {"../x", "/etc/passwd", ".", "a/../../x"}) {
    step.log_path = outside;
    EXPECT_EQ(LogPathOf("/logs", step), std::nullopt) << outside;
  }
  step.log_path = "run/unit.log";
  EXPECT_EQ(LogPathOf("/logs", step), "/logs/run/unit.log");
}

}  // namespace
}  // namespace failgate
