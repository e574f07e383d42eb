// What a run does with its steps, and what it proves.
#include <sys/mount.h>

#include <chrono>
#include <future>

#include "controller/base/digest.h"
#include "tests/integration/execution/execution_world.h"

namespace failgate {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

using RunTest = ExecutionWorld;

TEST_F(RunTest,
       given_a_green_pipeline_when_it_runs_then_evidence_artifacts_and_a_release_are_owed) {
  const failgate::Run run = Execute(R"(
steps:
  - name: unit
    level: unit
    run: |
      mkdir out; cp junit.xml out/unit.xml
      printf 'TN:\nSF:a.py\nDA:1,1\nDA:2,0\nend_of_record\n' > out/unit.info
      echo '{"auc": 0.87}' > out/m.json
    reports: {tests: out/unit.xml, coverage: out/unit.info, metrics: out/m.json}
  - name: integration
    level: integration
    run: |
      mkdir out; printf 'TN:\nSF:a.py\nDA:2,1\nDA:3,0\nend_of_record\n' > out/i.info
    reports: {coverage: out/i.info}
  - name: package
    level: build
    run: mkdir -p out && echo bytes > out/model.bin
    artifacts: [{name: model, path: out/model.bin, format: raw}]
)",
                                    {{"junit.xml", kGreenJunit}});
  EXPECT_EQ(run.state, RunState::kSucceeded) << run.reason;
  EXPECT_EQ(run.release_state, ReleaseState::kOwed);
  const RunResult result = ResultOf(run);
  EXPECT_EQ(result.evidence.tests.at("unit").passed, 2);
  EXPECT_EQ(result.evidence.coverage->lines_total, 3) << "the union of both reports";
  EXPECT_EQ(result.evidence.coverage->lines_covered, 2);
  EXPECT_EQ(result.evidence.metrics.at("auc"), 0.87);
  ASSERT_EQ(result.artifacts.size(), 1U);
  EXPECT_EQ(result.artifacts[0].sha256, Sha256Hex("bytes\n"));
  EXPECT_EQ(result.artifacts[0].origin_run, run.id);
  ExpectNothingLeft();
}

constexpr const char* kMeasured = R"(
steps:
  - name: unit
    level: unit
    usecase: scoring
    run: mkdir out; cp junit.xml out/unit.xml; cp a.info out/a.info
    reports: {tests: out/unit.xml, coverage: out/a.info}
)";

TEST_F(RunTest, given_a_run_when_it_ends_then_times_use_case_and_names_of_its_steps_are_evidence) {
  const failgate::Run run = Execute(kMeasured,
                                    {{"junit.xml", kGreenJunit},
                                     {"a.py", "1\n2\n"},
                                     {"a.info", "TN:\nSF:a.py\nDA:1,1\nDA:2,0\nend_of_record\n"}});
  ASSERT_EQ(run.state, RunState::kSucceeded) << run.reason;
  const StepEvidence step = ResultOf(run).evidence.steps.at(0);
  EXPECT_EQ(step.usecase, "scoring");
  EXPECT_EQ(step.cases, (CaseFigures{2, 2, "a", 0}));
  ASSERT_TRUE(step.started && step.finished);
  EXPECT_LE(*step.started, *step.finished);
  EXPECT_EQ(step.finished, StepOf(run, "unit").finished);
}

TEST_F(RunTest, given_a_release_that_runs_when_code_changes_then_its_changed_lines_are_counted) {
  const std::map<std::string, std::string> first = {
      {"junit.xml", kGreenJunit},
      {"a.py", "1\n2\n"},
      {"a.info", "TN:\nSF:a.py\nDA:1,1\nDA:2,0\nend_of_record\n"}};
  const ChangedLines all = ResultOf(Execute(kMeasured, first)).evidence.changed_lines.value();
  EXPECT_EQ(all.since.text(), "4b825dc642cb6eb9a060e54bf8d69288fbee4904") << "the empty tree";
  EXPECT_EQ(all.covered, 1);
  EXPECT_EQ(all.total, 2);

  const CommitId live = revision_;
  questions_.champion = [live](const ProjectName&) {
    return ChampionAnswer{true, Champion{ReleaseName("churn-1"), {}, live}};
  };
  Restart();
  const ChangedLines changed =
      ResultOf(Execute(kMeasured,
                       {{"a.py", "1\n2\n3\n4\n5\n"},
                        {"a.info",
                         "TN:\nSF:a.py\nDA:1,1\nDA:2,0\nDA:3,1\nDA:4,1\nDA:5,0\nend_of_record\n"}}))
          .evidence.changed_lines.value();
  EXPECT_EQ(changed.since, live);
  EXPECT_EQ(changed.covered, 2);
  EXPECT_EQ(changed.total, 3);

  questions_.champion = [](const ProjectName&) {
    return ChampionAnswer{
        true,
        Champion{ReleaseName("churn-1"), {}, CommitId("1111111111111111111111111111111111111111")}};
  };
  Restart();
  EXPECT_EQ(ResultOf(Execute(kMeasured, {{"a.py", "1\n"}})).evidence.changed_lines, std::nullopt)
      << "what runs is gone from the source";

  questions_.champion = [](const ProjectName&) { return ChampionAnswer(); };
  Restart();
  EXPECT_EQ(ResultOf(Execute(kMeasured, {{"a.py", "1\n2\n"}})).evidence.changed_lines, std::nullopt)
      << "the log was not read yet";
}

TEST_F(RunTest, given_a_failing_step_when_it_ends_then_the_rest_is_skipped_with_the_reason) {
  const failgate::Run run = Execute(R"(
steps:
  - {name: unit, level: unit, run: "exit 3"}
  - {name: later, level: functional, run: "true"}
)");
  EXPECT_EQ(run.state, RunState::kFailed);
  EXPECT_EQ(run.reason, "step unit failed: exit code 3");
  EXPECT_EQ(StepOf(run, "unit").exit_code, 3);
  EXPECT_EQ(StepOf(run, "later").state, StepState::kSkipped);
  EXPECT_EQ(StepOf(run, "later").reason, "step unit failed");
  EXPECT_EQ(run.release_state, ReleaseState::kNone);
  EXPECT_EQ(ResultOf(run).evidence.steps.at(0).state, EvidenceState::kFailed);
}

TEST_F(RunTest,
       given_needs_and_outputs_when_a_step_runs_then_it_has_them_and_the_contract_environment) {
  const failgate::Run run = Execute(R"(
steps:
  - {name: choose, level: unit, run: "echo name=file >> $FAILGATE_OUTPUT"}
  - name: make
    level: build
    needs: [choose]
    run: |
      mkdir -p out/dir && echo one > out/file && echo two > out/dir/inner
    artifacts: [{name: file, path: "out/${{ steps.choose.outputs.name }}"}, {name: dir, path: out/dir}]
  - name: middle
    level: integration
    needs: [make]
    run: test -f out/file
  - name: use
    level: functional
    needs: [middle]
    env: {NAME: "x-${{ steps.choose.outputs.name }}"}
    run: |
      cat out/file out/dir/inner; echo "$NAME"; test ! -e .git
      echo "$CI $FAILGATE_PROJECT $FAILGATE_REVISION $FAILGATE_DATA_VERSION $FAILGATE_TRIGGER $FAILGATE_TRAINING"
      test -z "${FAILGATE_CHAMPION+x}"
)");
  EXPECT_EQ(run.state, RunState::kSucceeded) << run.reason << LogOf(run, "make");
  EXPECT_EQ(
      LogOf(run, "use"),
      "one\ntwo\nx-file\ntrue churn " + revision_.text() + " data/train.csv@sha256:00 code full\n");
}

TEST_F(RunTest, given_reports_that_do_not_hold_when_the_exit_code_is_0_then_the_step_fails) {
  const std::map<std::string, std::string> cases = {
      {"true", "was not written"},
      {"echo '<testsuite/>' > r.xml", "the tests report \"r.xml\""},
      {"echo garbage > r.xml", "the tests report \"r.xml\""},
      {"echo '<testsuite><testcase name=\"a\"><failure/></testcase></testsuite>' > r.xml",
       "1 failed and 0 broken of 1 test cases"},
      {"ln -s /etc/passwd r.xml", "is a link"},
      {"mkfifo r.xml", "is no regular file"}};
  for (const auto& [script, reason] : cases) {
    const failgate::Run run =
        Execute("steps:\n  - name: unit\n    level: unit\n    run: |\n      " + script +
                "\n    reports: {tests: r.xml}\n");
    EXPECT_EQ(run.state, RunState::kFailed) << script;
    EXPECT_THAT(run.reason, HasSubstr(reason)) << script;
  }
}

TEST_F(RunTest, given_hostile_artifacts_and_outputs_when_the_step_ends_then_it_fails) {
  const std::map<std::string, std::string> cases = {
      {"ln -s /etc/passwd a", "artifact a"},
      {"mkdir d; ln -s /etc d/etc; ln -s d/etc a", "artifact a"},
      {"true", "artifact a"},
      {"echo x > a; rm \"$FAILGATE_OUTPUT\"; ln -s /etc/passwd \"$FAILGATE_OUTPUT\"",
       "FAILGATE_OUTPUT"},
      {"echo x > a; echo 'no pair' > \"$FAILGATE_OUTPUT\"", "FAILGATE_OUTPUT"}};
  for (const auto& [script, reason] : cases) {
    const failgate::Run run =
        Execute("steps:\n  - name: make\n    level: build\n    run: |\n      " + script +
                "\n    artifacts: [{name: a, path: a}]\n");
    EXPECT_EQ(run.state, RunState::kFailed) << script;
    EXPECT_THAT(run.reason, HasSubstr(reason)) << script;
    EXPECT_THAT(run.reason, Not(HasSubstr("root:"))) << script;
  }
}

TEST_F(RunTest,
       given_a_step_that_asks_for_network_when_the_server_file_forbids_it_then_it_never_runs) {
  const failgate::Run run =
      Execute("steps:\n  - {name: net, level: unit, run: 'true', network: true}\n");
  EXPECT_EQ(run.state, RunState::kFailed);
  EXPECT_THAT(run.reason, HasSubstr("asks for network"));
  EXPECT_THAT(LogOf(run, "net"), HasSubstr("asks for network"));
}

TEST_F(RunTest, given_a_step_without_end_when_its_time_is_over_then_it_fails) {
  const failgate::Run run =
      Execute("steps:\n  - {name: slow, level: unit, run: 'sleep 600', timeout: 1s}\n");
  EXPECT_EQ(run.state, RunState::kFailed);
  EXPECT_EQ(StepOf(run, "slow").state, StepState::kFailed);
}

TEST_F(RunTest, given_an_endless_log_when_the_step_runs_then_the_log_is_bounded) {
  const failgate::Run run = Execute(
      "steps:\n  - {name: loud, level: unit, run: 'head -c 40000000 /dev/zero | tr \"\\\\0\" x | "
      "fold -w 200'}\n");
  EXPECT_EQ(run.state, RunState::kSucceeded) << run.reason;
  EXPECT_LT(StepOf(run, "loud").log_bytes, 17LL << 20);
}

TEST_F(RunTest, given_measured_steps_when_a_run_is_planned_then_the_cheapest_failure_is_first) {
  const std::string yaml =
      "steps:\n  - {name: slow, level: unit, run: 'sleep 0.4'}\n"
      "  - {name: quick, level: unit, run: 'true'}\n";
  const failgate::Run first = Execute(yaml);
  EXPECT_EQ(life_->steps.Of(first.id).front().name, "slow");
  const RunId second = QueueAgain(TriggerKind::kCode, "again");
  EXPECT_EQ(life_->steps.Of(second).front().name, "quick");
}

TEST_F(RunTest, given_a_running_step_when_the_run_is_cancelled_then_it_ends_as_cancelled) {
  const RunId id = Queue(
      "steps:\n  - {name: slow, level: unit, run: 'echo on; sleep 600'}\n"
      "  - {name: later, level: functional, run: 'true'}\n");
  auto done = std::async(std::launch::async, [&] { return Execute(id); });
  while (life_->steps.Get(id, "slow")->pid == 0) {
    std::this_thread::yield();
  }
  EXPECT_EQ(life_->runs.RequestCancel(id, "changed my mind"), CancelOutcome::kRequested);
  const failgate::Run run = done.get();
  EXPECT_EQ(run.state, RunState::kCancelled);
  EXPECT_EQ(run.reason, "changed my mind");
  EXPECT_EQ(StepOf(run, "slow").state, StepState::kCancelled);
  EXPECT_EQ(StepOf(run, "later").state, StepState::kSkipped);
}

TEST_F(RunTest, given_a_check_run_when_it_succeeds_then_no_release_is_owed) {
  const RunId id = Queue(
      "triggers: {check: {until: unit}}\nsteps:\n  - {name: unit, level: unit, run: 'true'}\n",
      {},
      TriggerKind::kCheck);
  const failgate::Run run = Execute(id);
  EXPECT_EQ(run.state, RunState::kSucceeded) << run.reason;
  EXPECT_EQ(run.release_state, ReleaseState::kNone);
}

TEST_F(RunTest, given_contradicting_metrics_when_the_run_ends_then_it_fails) {
  const failgate::Run run = Execute(R"(
steps:
  - {name: a, level: unit, run: "echo '{\"auc\": 1}' > m", reports: {metrics: m}}
  - {name: b, level: unit, run: "echo '{\"auc\": 2}' > m", reports: {metrics: m}}
)");
  EXPECT_EQ(run.state, RunState::kFailed);
  EXPECT_THAT(run.reason, HasSubstr("auc"));
}

TEST_F(RunTest, given_no_sandbox_when_a_run_is_due_then_it_is_refused_with_the_remedy) {
  const RunId id = Queue("steps:\n  - {name: unit, level: unit, run: 'true'}\n");
  LocalRunner broken(life_->processes, LocalRunner::Options{true, data_ / "absent"});
  RunExecutor executor(ExecutionParts{life_->runs,
                                      life_->steps,
                                      life_->artifacts,
                                      broken,
                                      SystemClock(),
                                      settings_,
                                      ExecutionFolders::Below(data_),
                                      {}});
  EXPECT_TRUE(executor.Step());
  const failgate::Run run = *life_->runs.Get(id);
  EXPECT_EQ(run.state, RunState::kRefused);
  EXPECT_THAT(run.reason, AllOf(HasSubstr("steps cannot be run here"), HasSubstr("absent")));
}

TEST_F(RunTest, given_a_full_disk_when_a_run_is_due_then_it_waits_for_room) {
  const RunId id = Queue("steps:\n  - {name: unit, level: unit, run: 'true'}\n");
  const std::filesystem::path small = data_ / "small";
  CreateFolders(small, 0711);
  if (mount("tmpfs", small.c_str(), "tmpfs", 0, "size=1m,mode=0711") != 0) {
    GTEST_SKIP() << "may not mount here";
  }
  LocalRunner runner(life_->processes, LocalRunner::Options{true, small});
  RunExecutor::Options options;
  options.first_backoff = options.max_backoff = Milliseconds(0);
  RunExecutor executor(ExecutionParts{life_->runs,
                                      life_->steps,
                                      life_->artifacts,
                                      runner,
                                      SystemClock(),
                                      settings_,
                                      ExecutionFolders::Below(data_),
                                      {}},
                       options);
  EXPECT_TRUE(executor.Step());
  EXPECT_EQ(life_->runs.Get(id)->state, RunState::kQueued);
  umount2(small.c_str(), MNT_DETACH);
  EXPECT_TRUE(executor.Step());
  const failgate::Run run = *life_->runs.Get(id);
  EXPECT_EQ(run.state, RunState::kSucceeded) << run.reason;
}

}  // namespace
}  // namespace failgate
