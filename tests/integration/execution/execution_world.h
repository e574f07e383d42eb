// A real mirror, real stores, a real sandbox: the small world of the tests of runs.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "controller/base/durable_file.h"
#include "controller/git/repository.h"
#include "controller/pipeline/run_draft.h"
#include "controller/pipeline/run_executor.h"
#include "controller/release/run_result.h"
#include "controller/runners/local_runner.h"
#include "tests/support/git_world.h"

namespace failgate {

/// What one life of the program holds on a data directory.
struct ExecutionLife {
  explicit ExecutionLife(const std::filesystem::path& data, RunnerSettings settings = {})
      : database(data / "failgate.db"),
        runs(database),
        steps(database),
        artifacts(data / "artifacts"),
        runner(processes, LocalRunner::Options{true, data}),
        parts{runs,
              steps,
              artifacts,
              runner,
              SystemClock(),
              settings,
              ExecutionFolders::Below(data),
              {}} {}

  Database database;
  RunStore runs;
  StepStore steps;
  ArtifactStore artifacts;
  ProcessRunner processes;
  LocalRunner runner;
  ExecutionParts parts;
};

class ExecutionWorld : public testing::Test {
 protected:
  ExecutionWorld() : git_(folder_.path() / "git", "churn") {
    chmod(folder_.path().c_str(), 0711);
    data_ = folder_.path() / "data";
    CreateFolders(data_ / "mirrors", 0711);
    chmod(data_.c_str(), 0711);
    Restart();
  }
  /// A new life of the program on the same data directory.
  void Restart() {
    executor_.reset();
    life_.reset();
    life_ = std::make_unique<ExecutionLife>(data_, settings_);
    life_->parts.questions = questions_;
    executor_ = std::make_unique<RunExecutor>(life_->parts);
    executor_->Recover();
  }
  /// Commits the pipeline (and files), mirrors it and queues a run of its head.
  RunId Queue(const std::string& steps_yaml,
              const std::map<std::string, std::string>& files = {},
              TriggerKind trigger = TriggerKind::kCode) {
    std::map<std::string, std::string> all = files;
    all["failgate.yaml"] = "project: churn\n" + steps_yaml;
    revision_ = CommitId(git_.Commit(all, "change"));
    git_.Push();
    const auto mirror = data_ / "mirrors/churn.git";
    RemoveTree(mirror);
    git_.git().Run(data_, {"clone", "-q", "--mirror", git_.origin().string(), mirror.string()});
    return QueueAgain(trigger, "");
  }
  RunId QueueAgain(TriggerKind trigger, const std::string& nonce) {
    const auto text = Repository::Open(data_ / "mirrors/churn.git")
                          .ReadFile(revision_, "failgate.yaml", 1U << 20U);
    const Parsed<Pipeline> pipeline = ParsePipeline(text.value_or(""), "failgate.yaml");
    EXPECT_TRUE(pipeline.has_value()) << Describe(pipeline.error());
    RunDraft draft;
    draft.source = SourceName("churn");
    draft.ref = "refs/heads/main";
    draft.revision = revision_;
    draft.data_version = data_version_;
    draft.trigger = trigger;
    draft.again_nonce = nonce;
    return life_->runs
        .Create(DraftRun(*pipeline, draft, life_->steps.Statistics(ProjectName("churn"))))
        .id;
  }
  /// Another process executes until the step says that it runs, and is killed then.
  void KillInTheMiddle(const RunId& id, const std::string& step) {
    KillWhenItSaysSo(id, step + ".log");
  }
  /// As that, by a log of the run.
  void KillWhenItSaysSo(const RunId& id, const std::string& log_name) {
    executor_.reset();
    life_.reset();
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      ExecutionLife life(data_, settings_);
      RunExecutor executor(life.parts);
      executor.Recover();
      (void)executor.Step();
      _exit(0);
    }
    const auto log = data_ / "logs" / id.text() / log_name;
    while (ReadFileIfPresent(log).value_or("").find("on") == std::string::npos) {
      ASSERT_EQ(waitpid(child, nullptr, WNOHANG), 0) << "it ended too early";
      usleep(1000);
    }
    kill(child, SIGKILL);
    ASSERT_EQ(waitpid(child, nullptr, 0), child);
    Restart();
  }
  failgate::Run Execute(const RunId& id) {
    while (executor_->Step()) {
    }
    return *life_->runs.Get(id);
  }
  failgate::Run Execute(const std::string& steps_yaml,
                        const std::map<std::string, std::string>& files = {}) {
    return Execute(Queue(steps_yaml, files));
  }
  Step StepOf(const failgate::Run& run, const std::string& name) {
    return life_->steps.Get(run.id, name).value();
  }
  RunResult ResultOf(const failgate::Run& run) { return ParseRunResult(run.evidence_json).value(); }
  std::string LogOf(const failgate::Run& run, const std::string& step) {
    return ReadFile(data_ / "logs" / run.id.text() / (step + ".log"));
  }
  void ExpectNothingLeft() {
    std::vector<std::string> left;
    for (const char* name : {"workspaces", "reports"}) {
      if (std::filesystem::exists(data_ / name)) {
        for (const auto& entry : std::filesystem::directory_iterator(data_ / name)) {
          left.push_back(entry.path().string());
        }
      }
    }
    EXPECT_THAT(left, testing::IsEmpty());
  }

  TemporaryFolder folder_;
  struct GitFolder {
    GitFolder(const std::filesystem::path& path) { CreateFolders(path); }
  };
  GitFolder git_folder_{folder_.path() / "git"};
  GitWorld git_;
  std::filesystem::path data_;
  RunnerSettings settings_;
  ExecutionQuestions questions_;
  CommitId revision_;
  std::string data_version_ = "data/train.csv@sha256:00";  ///< of the runs to come
  std::unique_ptr<ExecutionLife> life_;
  std::unique_ptr<RunExecutor> executor_;
};

inline constexpr const char* kGreenJunit =
    "<testsuite name='s' tests='2'><testcase name='a'/><testcase name='b'/></testsuite>";

}  // namespace failgate
