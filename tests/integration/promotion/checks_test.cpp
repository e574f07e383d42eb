// When checks and commands are asked for, and what their answers let in: over real repositories,
// with a desk that answers at once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>

#include "controller/promotion/check_audit.h"
#include "policies/gates/command.h"
#include "tests/integration/promotion/ladder_world.h"

namespace failgate {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// Remembers what was wanted; each job has its outcome by the next look.
class AnsweringDesk final : public CheckDesk {
 public:
  CheckLook Look(const std::string& key) override {
    CheckLook look;
    const auto known = outcomes_.find(key);
    if (known != outcomes_.end()) look.outcome = known->second;
    return look;
  }
  void Want(const CheckJob& job) override {
    asked.push_back(job.candidate.release.text() + " " + job.check.name +
                    (job.champion ? " against " + job.champion->release.text() : ""));
    jobs.push_back(job);
    outcomes_[KeyOf(job)] = answer(job);
  }
  void Settle() override {}
  std::size_t ForgetFailed(const EnvironmentName& environment,
                           const ProjectName& project) override {
    EXPECT_EQ(environment, EnvironmentName("recette"));
    EXPECT_EQ(project, ProjectName("app"));
    return std::erase_if(outcomes_, [](const auto& known) { return !known.second.passed; });
  }

  std::function<CheckOutcome(const CheckJob&)> answer = [this](const CheckJob& job) {
    CheckOutcome outcome;
    outcome.passed = job.candidate.release != ReleaseName(fails);
    outcome.reason = outcome.passed ? "" : "exit code 1: worse";
    outcome.answer = "{\"verdict\": \"" + verdict + "\", \"reason\": \"so\"}";
    outcome.started = outcome.finished = now();
    return outcome;
  };
  std::function<TimePoint()> now;
  std::string fails;
  std::string verdict = "pass";
  std::vector<std::string> asked;
  std::vector<CheckJob> jobs;

 private:
  std::map<std::string, CheckOutcome> outcomes_;
};

class CheckedLadder : public testing::Test {
 protected:
  CheckedLadder() {
    desk_.now = [this] { return world_.clock.Now(); };
    world_.checks = &desk_;
    world_.Restart();
  }
  /// Appends to recette's file of the project, and puts its gates.
  void Ask(const std::string& gates, const std::string& checks) {
    const std::string path = "environments/recette/app.yaml";
    world_.operations.Pull();
    const std::string file = ReadFile(world_.operations.clone() / path);
    world_.EditMain(
        {{path, file + checks},
         {"environments/recette/environment.yaml", "after: dev\npolicy: delivery\n" + gates}},
        "Check");
  }
  void Release(const std::string& content, long long covered = 90) {
    world_.PassRun({5, 2, covered, content});
    world_.Turn();
  }
  std::string Promote(const std::string& release) {
    const std::string answer = world_.Ask("promote", "recette", release, "erik@example.com");
    world_.Turn();
    world_.Turn();
    return answer;
  }
  void ExpectProven(std::size_t attested) {
    const AuditReport report = world_.Audit();
    EXPECT_TRUE(report.ok()) << (report.problems.empty() ? "" : report.problems[0].text);
    EXPECT_GE(report.attested, attested);
  }

  AnsweringDesk desk_;
  LadderWorld world_;
};

constexpr const char* kCompare = "checks: {before: [{name: compare, run: ./compare.sh}]}\n";

TEST_F(CheckedLadder, RunsACheckForEachReleaseAndChampion) {
  Ask("gates: {approvals: {count: 1, from: [alice@example.com]}}\n", kCompare);
  const auto approve = [&](const std::string& release) {
    world_.Ask("approve", "recette", release, "alice@example.com");
    world_.Turn();
  };
  Release("one");
  EXPECT_THAT(desk_.asked, IsEmpty()) << "nobody asked for it there";
  Promote("app-1");
  approve("app-1");
  EXPECT_EQ(world_.Live("recette"), "one") << world_.Status("recette").text;
  Release("two");
  Promote("app-2");
  approve("app-2");
  EXPECT_EQ(world_.Live("recette"), "two");
  Release("three");
  Promote("app-3");
  world_.Ask("rollback", "recette", "app-1", "alice@example.com", Role::kApprover, "it is slow");
  world_.Turn();
  world_.Turn();
  EXPECT_EQ(world_.Live("recette"), "one") << world_.Status("recette").text;
  Promote("app-3");
  approve("app-3");
  EXPECT_EQ(world_.Live("recette"), "three") << world_.Status("recette").text;
  EXPECT_THAT(desk_.asked,
              ElementsAre("app-1 compare",
                          "app-2 compare against app-1",
                          "app-3 compare against app-2",
                          "app-1 compare against app-2",
                          "app-3 compare against app-1"));
  ExpectProven(3);
}

TEST_F(CheckedLadder, LetsNothingInThatFailedItsCheck) {
  Ask("gates: none\n", kCompare);
  desk_.fails = "app-1";
  Release("one");
  Promote("app-1");
  EXPECT_EQ(world_.Live("recette"), "");
  EXPECT_THAT(world_.Status("recette").text, HasSubstr("check compare failed: exit code 1: worse"));
  EXPECT_EQ(desk_.asked.size(), 1U);
  ExpectProven(1);
}

TEST_F(CheckedLadder, RunsAFailedCheckAgainWhenAPersonAsks) {
  Ask("gates: none\n", kCompare);
  desk_.fails = "app-1";
  Release("one");
  Promote("app-1");
  desk_.fails = "";
  world_.Turn();
  EXPECT_EQ(world_.Live("recette"), "") << "nobody asked";
  world_.Ask("retry", "recette", "", "alice@example.com");
  world_.Turn();
  world_.Turn();
  EXPECT_EQ(world_.Live("recette"), "one") << world_.Status("recette").text;
  EXPECT_THAT(world_.Facts("recette"), testing::Contains(HasSubstr("resumed")));
  ExpectProven(2);
}

TEST_F(CheckedLadder, RunsNothingForWhatAnotherGateRefuses) {
  Ask("gates: {coverage: {lines: 80}, command: {run: ./gate.sh}}\n", kCompare);
  Release("one", 50);
  Promote("app-1");
  EXPECT_EQ(world_.Live("recette"), "");
  EXPECT_THAT(desk_.asked, IsEmpty());
}

TEST_F(CheckedLadder, RunsAgainWhenItsFilesChange) {
  Ask("gates: {approvals: {count: 1, from: [alice@example.com]}}\n", kCompare);
  Release("one");
  Promote("app-1");
  world_.EditMain({{"environments/recette/compare.sh", "exit 0\n"}}, "Compare otherwise");
  world_.Turn();
  world_.EditMain({{"desired/dev/app.yaml", "release: newest\n"}}, "Something else");
  world_.Turn();
  ASSERT_EQ(desk_.jobs.size(), 2U);
  EXPECT_NE(desk_.jobs[0].files.digest, desk_.jobs[1].files.digest);
}

TEST_F(CheckedLadder, RanInFilesThatMainHad) {
  Ask("gates: none\n", kCompare);
  Release("one");
  Promote("app-1");
  ASSERT_EQ(desk_.jobs.size(), 1U);
  const Repository origin = Repository::Open(world_.operations.origin());
  const auto main = origin.Ref(kMainRef);
  const EnvironmentName recette("recette");
  const CheckFilesFact files = desk_.jobs[0].files;
  EXPECT_FALSE(WhyNotTheFilesOfMain(origin, main, recette, files));
  AuditReport report;
  AuditCheckFiles(origin, *origin.Ref(kDeployLogRef), main, std::nullopt, report);
  EXPECT_TRUE(report.ok());
  const CommitId head = *origin.Ref(kDeployLogRef);
  const CommitId first = origin.CommitsBetween(std::nullopt, *main, 1000).back();
  AuditCheckFiles(origin, head, first, head, report);
  EXPECT_TRUE(report.ok()) << "all was proven before";
  AuditCheckFiles(origin, head, first, std::nullopt, report);
  EXPECT_FALSE(report.ok()) << "a main without these files";
  const auto other = WhyNotTheFilesOfMain(origin, main, recette, {files.commit, "sha256:x"});
  ASSERT_TRUE(other.has_value());
  EXPECT_EQ(other->kind, AuditKind::kDecision);
  const auto foreign =
      WhyNotTheFilesOfMain(origin, main, recette, {*origin.Ref(kDeployLogRef), files.digest});
  ASSERT_TRUE(foreign.has_value());
  EXPECT_EQ(foreign->kind, AuditKind::kRewritten);
  EXPECT_FALSE(
      WhyNotTheFilesOfMain(origin, main, recette, {CommitId(std::string(40, 'a')), "sha256:x"}))
      << "a clone that lacks it";
}

TEST_F(CheckedLadder, AsksACommandAfterTheChecksAndBelievesItsAnswerToTheseFactsOnly) {
  Ask("gates: {approvals: {count: 1, from: [alice@example.com]}, command: {name: risk, run: "
      "./gate.sh}}\n",
      kCompare);
  Release("one");
  Promote("app-1");
  world_.Turn();
  ASSERT_EQ(desk_.asked.size(), 2U);
  EXPECT_EQ(desk_.asked[1], "app-1 risk");
  EXPECT_THAT(desk_.jobs[1].input, HasSubstr("\"release\": \"app-1\""));
  EXPECT_THAT(desk_.jobs[1].input, HasSubstr("\"checks\""));
  desk_.verdict = "fail";
  world_.Ask("approve", "recette", "app-1", "alice@example.com");
  world_.Turn();
  world_.Turn();
  EXPECT_EQ(world_.Live("recette"), "") << "the pass was an answer to facts without approval";
  EXPECT_THAT(world_.Status("recette").text, HasSubstr("command:risk"));
  desk_.verdict = "pass";
  world_.clock.Advance(std::chrono::minutes(6));
  world_.Turn();
  world_.Turn();
  EXPECT_EQ(world_.Live("recette"), "one") << world_.Status("recette").text;
  ExpectProven(2);
}

TEST_F(CheckedLadder, AsksAWaitingCommandAgainAtItsTime) {
  Ask("gates: {command: {run: ./gate.sh, every: 24h}}\n", "");
  desk_.answer = [this](const CheckJob&) {
    CheckOutcome outcome;
    outcome.passed = true;
    outcome.started = outcome.finished = world_.clock.Now();
    const bool again = desk_.jobs.size() > 1;
    outcome.answer = again ? "{\"verdict\": \"pass\", \"reason\": \"quiet\"}"
                           : "{\"verdict\": \"wait\", \"reason\": \"busy\", \"until\": \"" +
                                 FormatTime(world_.clock.Now() + std::chrono::hours(1)) + "\"}";
    return outcome;
  };
  Release("one");
  Promote("app-1");
  EXPECT_EQ(world_.Live("recette"), "");
  EXPECT_FALSE(world_.IsDue());
  world_.clock.Advance(std::chrono::hours(1));
  EXPECT_TRUE(world_.IsDue());
  world_.Turn();
  world_.Turn();
  EXPECT_EQ(desk_.jobs.size(), 2U);
  EXPECT_EQ(world_.Live("recette"), "one") << world_.Status("recette").text;
}

}  // namespace
}  // namespace failgate
