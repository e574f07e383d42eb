// Checks in the real sandbox, out of a real operations repository, with their results in a real
// database.
#include "controller/checks/check_executor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <memory>

#include "controller/checks/check_files.h"
#include "controller/runners/local_runner.h"
#include "tests/support/git_world.h"

namespace failgate {
namespace {

using ::testing::HasSubstr;

class CheckWorld : public testing::Test {
 protected:
  CheckWorld() : git_(folder_.path() / "git", "operations") {
    chmod(folder_.path().c_str(), 0711);
    CreateFolders(data_, 0711);
    chmod(data_.c_str(), 0711);
    git_.Commit({{"environments/prod/environment.yaml", "gates: none\n"},
                 {"environments/prod/churn.yaml", "deploy: []\n"},
                 {"environments/prod/lib/words.sh", "echo words\n"}},
                "ladder");
    Restart();
  }
  void Restart() {
    executor_.reset();
    store_.reset();
    database_.reset();
    database_ = std::make_unique<Database>(data_ / "failgate.db");
    store_ = std::make_unique<CheckStore>(*database_);
    CheckExecutor::Options options;
    options.first_backoff = Milliseconds(0);
    options.max_backoff = Milliseconds(0);
    options.tries_after_deployment = 2;
    executor_ = std::make_unique<CheckExecutor>(*store_,
                                                CheckRunParts{artifacts_,
                                                              runner_,
                                                              SystemClock(),
                                                              StepLimits{},
                                                              git_.clone() / ".git",
                                                              data_ / "workspaces",
                                                              data_ / "logs"},
                                                options);
    executor_->Recover();
  }
  CheckedRelease Release(const std::string& name, const std::string& content) {
    const auto made = folder_.path() / "made" / name;
    CreateFolders(made);
    WriteFileDurably(made / "model.txt", content);
    const auto stored = artifacts_.Put(made, "model.txt");
    Check(stored.has_value(), "an artifact is stored");
    ArtifactRecord artifact;
    artifact.name = "model";
    artifact.sha256 = stored->bytes.sha256;
    artifact.size = stored->size;
    artifact.base_name = stored->base_name;
    return CheckedRelease{ReleaseName(name), "sha256:" + name, {artifact}};
  }
  CheckJob Job(const std::string& run, CheckKind kind = CheckKind::kBefore) {
    CheckJob job;
    job.kind = kind;
    job.environment = EnvironmentName("prod");
    job.project = ProjectName("churn");
    job.check.name = "compare";
    job.check.run = run;
    job.check.timeout = std::chrono::seconds(60);
    const Repository repository = Repository::Open(git_.clone() / ".git");
    job.files = CheckFilesAt(repository, *repository.Ref("HEAD"), job.environment);
    job.candidate = Release("churn-2", "better");
    return job;
  }
  CheckOutcome Run(const CheckJob& job) {
    executor_->Want(job);
    EXPECT_TRUE(executor_->Step());
    const CheckLook look = executor_->Look(KeyOf(job));
    return look.outcome.value_or(
        CheckOutcome{false, "no outcome: " + look.trouble, {}, {}, "", {}, {}});
  }

  TemporaryFolder folder_;
  std::filesystem::path data_ = folder_.path() / "data";
  GitWorld git_;
  ArtifactStore artifacts_{folder_.path() / "artifacts"};
  ProcessRunner processes_;
  LocalRunner runner_{processes_, LocalRunner::Options{true, data_}};
  std::unique_ptr<Database> database_;
  std::unique_ptr<CheckStore> store_;
  std::unique_ptr<CheckExecutor> executor_;
};

TEST_F(CheckWorld, ShowsCandidateAndChampionAndTheFilesBesideTheProjectsFile) {
  CheckJob job = Job(
      "test \"$(cat $FAILGATE_CANDIDATE/model.txt)\" = better\n"
      "test \"$(cat $FAILGATE_CHAMPION/model.txt)\" = worse\n"
      "test \"$(sh lib/words.sh)\" = words\n"
      "test ! -e environment.yaml && test ! -e churn.yaml\n"
      "test \"$FAILGATE_PROJECT $FAILGATE_ENVIRONMENT $FAILGATE_RELEASE\" = 'churn prod churn-2'\n"
      "! echo x > $FAILGATE_CANDIDATE/model.txt\n"
      "echo '{\"auc\": 0.5}' > m.json\n");
  job.check.metrics = {"m.json"};
  job.champion = Release("churn-1", "worse");
  const CheckOutcome outcome = Run(job);
  EXPECT_TRUE(outcome.passed) << outcome.reason;
  EXPECT_EQ(outcome.metrics.at("auc"), 0.5);
  CheckJob alone = Job("test -z \"${FAILGATE_CHAMPION+set}\"");
  EXPECT_TRUE(Run(alone).passed) << "nothing runs there";
  EXPECT_FALSE(std::filesystem::exists(data_ / "workspaces/checks" / KeyOf(job)));
}

TEST_F(CheckWorld, FailsForExitReportsAndTime) {
  const CheckOutcome exit = Run(Job("echo it is worse; exit 3"));
  EXPECT_FALSE(exit.passed);
  EXPECT_EQ(exit.reason, "exit code 3: it is worse");
  CheckJob empty = Job("echo '<testsuite name=\"x\" tests=\"0\"/>' > t.xml");
  empty.check.tests = {"t.xml"};
  EXPECT_FALSE(Run(empty).passed) << "a report without a test case";
  CheckJob missing = Job("true");
  missing.check.tests = {"t.xml"};
  EXPECT_THAT(Run(missing).reason, HasSubstr("was not written"));
  CheckJob slow = Job("sleep 60");
  slow.check.timeout = std::chrono::seconds(1);
  EXPECT_FALSE(Run(slow).passed);
}

TEST_F(CheckWorld, GivesACommandItsFactsAndTakesItsAnswer) {
  CheckJob job =
      Job("grep -q churn-2 && echo '{\"verdict\": \"pass\", \"reason\": \"x\"}'; echo noise >&2",
          CheckKind::kCommand);
  job.input = "{\"release\": \"churn-2\"}\n";
  const CheckOutcome outcome = Run(job);
  EXPECT_TRUE(outcome.passed) << outcome.reason;
  EXPECT_THAT(outcome.answer, HasSubstr("pass"));
  EXPECT_THAT(Run(Job("echo pass", CheckKind::kCommand)).reason, HasSubstr("cannot be used"));
  EXPECT_FALSE(
      Run(Job("echo '{\"verdict\": \"pass\", \"reason\": \"x\"}'; exit 1", CheckKind::kCommand))
          .passed);
}

TEST_F(CheckWorld, KeepsResultsOverARestartAndForgetsWhatWasCutOff) {
  const CheckJob done = Job("exit 0");
  EXPECT_TRUE(Run(done).passed);
  const CheckJob cut = Job("exit 1");
  store_->Begin({KeyOf(cut), cut.environment, cut.project, cut.check.name});
  Restart();
  EXPECT_TRUE(executor_->Look(KeyOf(done)).outcome.has_value());
  EXPECT_FALSE(executor_->Look(KeyOf(cut)).outcome.has_value());
  EXPECT_FALSE(executor_->Look(KeyOf(cut)).wanted);
  EXPECT_TRUE(store_->Running().empty());
  EXPECT_FALSE(executor_->Step()) << "nobody wants it";
}

TEST_F(CheckWorld, KeepsTheOldAnswerWhileItIsAskedAnew) {
  const CheckJob job = Job("exit 0");
  const CheckOutcome first = Run(job);
  store_->Begin({KeyOf(job), job.environment, job.project, job.check.name});
  Restart();
  EXPECT_EQ(executor_->Look(KeyOf(job)).outcome, first);
  EXPECT_GE(Run(job).started, first.started);
}

TEST_F(CheckWorld, ForgetsWhatFailedWhenAPersonWantsItTriedAgain) {
  const CheckJob good = Job("exit 0");
  const CheckJob bad = Job("exit 1");
  static_cast<void>(Run(good));
  static_cast<void>(Run(bad));
  EXPECT_EQ(executor_->ForgetFailed(bad.environment, ProjectName("shop")), 0U);
  EXPECT_EQ(executor_->ForgetFailed(bad.environment, bad.project), 1U);
  EXPECT_FALSE(executor_->Look(KeyOf(bad)).outcome.has_value());
  EXPECT_TRUE(executor_->Look(KeyOf(good)).outcome.has_value());
}

TEST_F(CheckWorld, DropsWhatNobodyWantsAnyMore) {
  executor_->Want(Job("exit 0"));
  executor_->Settle();
  EXPECT_TRUE(executor_->Look(KeyOf(Job("exit 0"))).wanted) << "it was wanted since";
  executor_->Settle();
  EXPECT_FALSE(executor_->Look(KeyOf(Job("exit 0"))).wanted);
  executor_->Want(Job("exit 0", CheckKind::kAfter));
  executor_->Settle();
  executor_->Settle();
  EXPECT_TRUE(executor_->Step()) << "a deployment waits for it";
}

TEST_F(CheckWorld, NeverJudgesAReleaseWhoseBytesAreGone) {
  CheckJob job = Job("exit 0");
  job.candidate.artifacts[0].sha256 = std::string(64, 'a');
  executor_->Want(job);
  EXPECT_TRUE(executor_->Step());
  EXPECT_FALSE(executor_->Look(KeyOf(job)).outcome.has_value());
  EXPECT_THAT(executor_->Look(KeyOf(job)).trouble, HasSubstr("bytes of artifact model"));
  job.kind = CheckKind::kAfter;
  executor_->Want(job);
  while (executor_->Step() && !executor_->Look(KeyOf(job)).outcome) {
  }
  const auto failed = executor_->Look(KeyOf(job)).outcome;
  ASSERT_TRUE(failed.has_value()) << "a deployment must end";
  EXPECT_FALSE(failed->passed);
}

TEST_F(CheckWorld, RefusesFilesThatWereNotDecidedUpon) {
  CheckJob job = Job("exit 0");
  job.files.digest = "sha256:other";
  executor_->Want(job);
  EXPECT_TRUE(executor_->Step());
  EXPECT_THAT(executor_->Look(KeyOf(job)).trouble, HasSubstr("not those that were decided upon"));
}

TEST_F(CheckWorld, TellsContentApartByTheFilesOfItsOwn) {
  const Repository repository = Repository::Open(git_.clone() / ".git");
  const EnvironmentName prod("prod");
  const auto at = [&](const std::string& commit) {
    return CheckFilesAt(repository, CommitId(commit), prod).digest;
  };
  const std::string before = at(repository.Ref("HEAD")->text());
  EXPECT_EQ(at(git_.Commit({{"environments/prod/churn.yaml", "deploy: [ ]\n"},
                            {"desired/prod/churn.yaml", "release: churn-2\n"}},
                           "not theirs")),
            before);
  EXPECT_NE(at(git_.Commit({{"environments/prod/lib/words.sh", "echo other\n"}}, "theirs")),
            before);
}

}  // namespace
}  // namespace failgate
