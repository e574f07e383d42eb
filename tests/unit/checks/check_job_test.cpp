#include "controller/checks/check_job.h"

#include <gtest/gtest.h>

#include <set>

namespace failgate {
namespace {

CheckJob Job() {
  CheckJob job;
  job.environment = EnvironmentName("prod");
  job.project = ProjectName("churn");
  job.check.name = "compare";
  job.check.run = "./compare.sh";
  job.files = CheckFilesFact{CommitId("c"), "sha256:files"};
  job.candidate = CheckedRelease{ReleaseName("churn-2"), "sha256:two", {}};
  job.champion = CheckedRelease{ReleaseName("churn-1"), "sha256:one", {}};
  return job;
}

TEST(CheckJobKey, DiffersWithEverythingAJobIsRunWith) {
  std::set<std::string> keys = {KeyOf(Job())};
  std::size_t changes = 0;
  const auto add = [&](auto change) {
    CheckJob job = Job();
    change(job);
    keys.insert(KeyOf(job));
    ++changes;
  };
  add([](CheckJob& job) { job.kind = CheckKind::kAfter; });
  add([](CheckJob& job) { job.kind = CheckKind::kCommand; });
  add([](CheckJob& job) { job.environment = EnvironmentName("dev"); });
  add([](CheckJob& job) { job.project = ProjectName("shop"); });
  add([](CheckJob& job) { job.check.run = "true"; });
  add([](CheckJob& job) { job.files.digest = "sha256:other"; });
  add([](CheckJob& job) { job.candidate.release = ReleaseName("churn-3"); });
  add([](CheckJob& job) { job.candidate.record = "sha256:three"; });
  add([](CheckJob& job) { job.champion->release = ReleaseName("churn-0"); });
  add([](CheckJob& job) { job.champion->record = "sha256:zero"; });
  add([](CheckJob& job) { job.champion.reset(); });
  add([](CheckJob& job) { job.order = "7 sha256:d"; });
  add([](CheckJob& job) { job.address = "127.0.0.1:80"; });
  add([](CheckJob& job) { job.input_digest = "sha256:facts"; });
  EXPECT_EQ(keys.size(), changes + 1);
  EXPECT_EQ(KeyOf(Job()).size(), 64U);
}

TEST(CheckJobKey, IsTheSameForTheSameFilesOfALaterCommit) {
  CheckJob later = Job();
  later.files.commit = CommitId("d");
  EXPECT_EQ(KeyOf(later), KeyOf(Job()));
}

TEST(CheckOutcomeJson, IsReadBackAsItWasWritten) {
  CheckOutcome outcome;
  outcome.passed = true;
  outcome.tests = TestCounts{3, 0, 0, 1};
  outcome.metrics = {{"auc", 0.87}};
  outcome.answer = "{\"verdict\": \"pass\"}";
  outcome.started = TimePoint(Milliseconds(1'700'000'000'123));
  outcome.finished = outcome.started + Milliseconds(5);
  const auto again = ParseCheckOutcome(CheckOutcomeToJson(outcome));
  ASSERT_TRUE(again.has_value()) << again.error().text;
  EXPECT_EQ(*again, outcome);
}

TEST(CheckOutcomeJson, RefusesWhatIsNotWhole) {
  const std::string whole = CheckOutcomeToJson(CheckOutcome{});
  for (std::size_t cut : {std::size_t{0}, std::size_t{1}, whole.size() / 2, whole.size() - 3}) {
    EXPECT_FALSE(ParseCheckOutcome(whole.substr(0, cut)).has_value()) << cut;
  }
  EXPECT_FALSE(ParseCheckOutcome("{\"passed\": true}").has_value());
}

}  // namespace
}  // namespace failgate
