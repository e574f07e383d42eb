// Steps that run again: the evidence that gates repeatable and regression_test look at.
#include <unistd.h>

#include "tests/integration/execution/execution_world.h"

namespace failgate {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

/// The code is a rate, the tests a list of what it must be at least.
constexpr const char* kTestsOfTheRate = R"sh(mkdir -p out
{ echo "<testsuite>"
  for least in $(cat tests/least); do
    echo "<testcase classname='rate' name='at_least_$least'>"
    [ "$(cat rate)" -ge "$least" ] || echo "<failure/>"
    echo "</testcase>"
  done
  echo "</testsuite>";
} > out/r.xml
! grep -q failure out/r.xml
)sh";
constexpr const char* kRegression = R"(
steps:
  - name: unit
    level: unit
    run: . tests/run.sh
    reports: {tests: out/r.xml}
    regression: {tests: ["tests/**"]}
)";

class StepProofs : public ExecutionWorld {
 protected:
  RepeatEvidence Repeated(const failgate::Run& run) {
    EXPECT_EQ(run.state, RunState::kSucceeded) << run.reason << LogOf(run, "unit");
    return ResultOf(run).evidence.steps.at(0).repeated.value();
  }
  RegressionEvidence Tried(const failgate::Run& run) {
    EXPECT_EQ(run.state, RunState::kSucceeded) << run.reason << LogOf(run, "unit");
    return ResultOf(run).evidence.steps.at(0).regression.value();
  }
  failgate::Run PushRate(const std::string& rate, const std::string& least) {
    return Execute(kRegression,
                   {{"rate", rate}, {"tests/least", least}, {"tests/run.sh", kTestsOfTheRate}});
  }
  /// Whether it comes within two minutes.
  static bool Comes(const std::function<bool()>& condition) {
    const SteadyTime deadline = SystemClock().Steady() + std::chrono::minutes(2);
    while (!condition()) {
      if (SystemClock().Steady() > deadline) return false;
      usleep(1000);
    }
    return true;
  }
  void RunInTheLastEnvironment(const std::string& release, const CommitId& revision) {
    questions_.champion = [=](const ProjectName&) {
      return ChampionAnswer{true, Champion{ReleaseName(release), {}, revision}};
    };
    Restart();
  }

  int made_ = 0;
};

TEST_F(StepProofs, given_a_step_to_repeat_when_it_passed_then_it_runs_once_more_and_is_the_same) {
  const failgate::Run run = Execute(R"(
steps:
  - name: unit
    level: unit
    run: |
      test ! -e left; touch left
      test "$FAILGATE_TRAINING $A" = "full x"
      echo "seed=$FAILGATE_SHUFFLE_SEED repeat=$FAILGATE_REPEAT go=$GOFLAGS"
      cp junit.xml r.xml; echo '{"auc": 0.5}' > m.json
    env: {A: x, GOFLAGS: "-count=1"}
    reports: {tests: r.xml, metrics: m.json}
    repeat: {shuffle: go}
    artifacts: [{name: left, path: left}]
)",
                                    {{"junit.xml", kGreenJunit}});
  EXPECT_EQ(Repeated(run), (RepeatEvidence{true, 2, 1, "", false}));
  EXPECT_EQ(StepOf(run, "unit").attempt, 1);
  EXPECT_EQ(ResultOf(run).artifacts.size(), 1U);
  EXPECT_EQ(ResultOf(run).evidence.tests.at("unit").passed, 2) << "counted once";
  const std::string seed =
      std::to_string(1 + std::stoul(revision_.text().substr(0, 8), nullptr, 16) % 99999);
  EXPECT_THAT(LogOf(run, "unit"),
              AllOf(HasSubstr("seed= repeat= go=-count=1\n"),
                    HasSubstr("failgate: once more FAILGATE_REPEAT=1"),
                    HasSubstr("seed=" + seed + " repeat=1 go=-count=1 -shuffle=" + seed)));
  ExpectNothingLeft();
}

TEST_F(StepProofs, given_a_step_that_depends_on_order_when_it_is_shuffled_then_the_case_is_named) {
  const failgate::Run run = Execute(R"(
steps:
  - name: unit
    level: unit
    run: |
      if [ -z "$FAILGATE_SHUFFLE_SEED" ]; then cp junit.xml r.xml; else
        echo "<testsuite><testcase name='a'/><testcase name='b'><failure/></testcase></testsuite>" > r.xml
        exit 1
      fi
    reports: {tests: r.xml}
    repeat: shuffled
)",
                                    {{"junit.xml", kGreenJunit}});
  const RepeatEvidence repeat = Repeated(run);
  EXPECT_EQ(repeat.difference, "test case b was passed, then failed");
  EXPECT_TRUE(repeat.shuffled);
  EXPECT_EQ(run.release_state, ReleaseState::kOwed) << "the gate decides, not the run";
}

TEST_F(StepProofs, given_a_second_run_that_ends_badly_when_it_is_compared_then_it_is_not_the_same) {
  const auto difference = [this](const std::string& second) {
    return Repeated(
        Execute("steps:\n  - name: unit\n    level: unit\n    repeat: true\n"
                "    reports: {tests: r.xml, metrics: m.json}\n    timeout: 3s\n"
                "    run: |\n      cp junit.xml r.xml\n"
                "      if [ -n \"$FAILGATE_REPEAT\" ]; then " +
                    second +
                    "; fi\n      echo '{\"auc\": 0.5}' > m.json\n"
                    "      if [ -n \"$FAILGATE_REPEAT\" ] && [ -e moved ]; then echo "
                    "'{\"auc\": 0.25}' > m.json; fi\n",
                {{"junit.xml", kGreenJunit}}));
  };
  EXPECT_EQ(difference("exit 3").difference, "the second run did not pass: exit code 3");
  EXPECT_THAT(difference("rm r.xml").difference,
              HasSubstr("the second run did not pass: the tests report"));
  EXPECT_THAT(difference("sleep 60").difference, HasSubstr("the second run did not pass: "));
  const RepeatEvidence moved = difference("touch moved");
  EXPECT_EQ(moved.difference, "");
  EXPECT_EQ(moved.moved, (std::map<std::string, MetricPair>{{"auc", {0.5, 0.25}}}));
}

TEST_F(StepProofs, given_a_kill_between_both_runs_when_it_starts_again_then_both_run_again) {
  const RunId id = Queue(R"(
steps:
  - name: unit
    level: unit
    run: |
      cp junit.xml r.xml
      if [ -n "$FAILGATE_REPEAT" ]; then echo on; sleep 2; fi
    reports: {tests: r.xml}
    repeat: true
)",
                         {{"junit.xml", kGreenJunit}});
  KillWhenItSaysSo(id, "unit.log.again");
  const auto log = data_ / "logs" / id.text() / "unit.log.again";
  EXPECT_EQ(life_->steps.Get(id, "unit")->state, StepState::kPending);
  const failgate::Run run = Execute(id);
  EXPECT_EQ(Repeated(run), (RepeatEvidence{false, 2, 0, "", false}));
  EXPECT_EQ(StepOf(run, "unit").attempt, 2);
  EXPECT_FALSE(std::filesystem::exists(log));
  ExpectNothingLeft();
}

TEST_F(StepProofs, given_a_cancel_during_the_second_run_when_it_ends_then_the_run_is_cancelled) {
  const RunId id = Queue(R"(
steps:
  - name: unit
    level: unit
    run: cp junit.xml r.xml; if [ -n "$FAILGATE_REPEAT" ]; then echo on; sleep 600; fi
    reports: {tests: r.xml}
    repeat: true
)",
                         {{"junit.xml", kGreenJunit}});
  executor_->Start();
  executor_->Wake();
  const auto log = data_ / "logs" / id.text() / "unit.log.again";
  ASSERT_TRUE(Comes([&] {
    return ReadFileIfPresent(log).value_or("").find("on") != std::string::npos;
  })) << "the second run never began";
  EXPECT_EQ(life_->runs.RequestCancel(id, "enough"), CancelOutcome::kRequested);
  executor_->Wake();
  ASSERT_TRUE(Comes([&] { return life_->runs.Get(id)->state != RunState::kRunning; }));
  EXPECT_EQ(life_->runs.Get(id)->state, RunState::kCancelled);
  executor_->Stop();
}

TEST_F(StepProofs, given_a_fix_with_its_test_when_it_is_pushed_then_the_test_fails_on_what_runs) {
  EXPECT_EQ(Tried(PushRate("1", "1")).state, RegressionState::kNoParent);
  RunInTheLastEnvironment("churn-1", revision_);
  const CommitId live = revision_;
  const RegressionEvidence tried = Tried(PushRate("3", "1 2 3"));
  EXPECT_EQ(tried.state, RegressionState::kRan) << tried.detail;
  EXPECT_EQ(tried.parent, live);
  EXPECT_EQ(tried.running, "churn-1");
  EXPECT_EQ(tried.failed_before, 2);
  EXPECT_THAT(tried.cases, ElementsAre("rate.at_least_2", "rate.at_least_3"));
  EXPECT_THAT(tried.subjects, ElementsAre("change"));

  const failgate::Run small = PushRate("4", "1 2 3");
  EXPECT_EQ(Tried(small).failed_before, 2) << "still compared with what runs";
  EXPECT_THAT(Tried(small).subjects, ElementsAre("change", "change"));
  EXPECT_THAT(LogOf(small, "unit"), HasSubstr("failgate: on the code of " + live.text()));
  ExpectNothingLeft();
}

TEST_F(StepProofs, given_a_test_that_passes_before_when_it_is_tried_then_none_failed) {
  PushRate("3", "1");
  RunInTheLastEnvironment("churn-1", revision_);
  const RegressionEvidence tried = Tried(PushRate("3", "1 2"));
  EXPECT_EQ(tried.state, RegressionState::kRan);
  EXPECT_EQ(tried.failed_before, 0);
  EXPECT_THAT(tried.cases, IsEmpty());
}

TEST_F(StepProofs, given_no_changed_test_when_it_is_pushed_then_nothing_runs_again) {
  PushRate("1", "1");
  RunInTheLastEnvironment("churn-1", revision_);
  const failgate::Run run = PushRate("2", "1");
  EXPECT_EQ(Tried(run).state, RegressionState::kUnchanged);
  EXPECT_THAT(LogOf(run, "unit"), Not(HasSubstr("on the code of")));
}

TEST_F(StepProofs, given_nothing_that_runs_when_it_is_pushed_then_the_first_parent_is_before) {
  PushRate("1", "1");
  const CommitId parent = revision_;
  const RegressionEvidence tried = Tried(PushRate("2", "2"));
  EXPECT_EQ(tried.parent, parent);
  EXPECT_EQ(tried.running, "");
  EXPECT_EQ(tried.failed_before, 1);
}

TEST_F(StepProofs, given_what_runs_that_nobody_can_find_when_it_is_pushed_then_it_is_unknown) {
  PushRate("1", "1");
  RunInTheLastEnvironment("churn-1", CommitId(std::string(40, '1')));
  const RegressionEvidence gone = Tried(PushRate("2", "2"));
  EXPECT_EQ(gone.state, RegressionState::kUnknown);
  EXPECT_THAT(gone.detail, HasSubstr("churn-1"));
  questions_.champion = [](const ProjectName&) { return ChampionAnswer(); };
  Restart();
  EXPECT_EQ(Tried(PushRate("3", "3")).state, RegressionState::kUnknown) << "the log was not read";
}

TEST_F(StepProofs, given_code_before_that_cannot_run_the_tests_when_tried_then_it_is_told_apart) {
  const auto push = [this](const std::string& script) {
    return Execute(
        "steps:\n  - name: unit\n    level: unit\n    timeout: 3s\n"
        "    run: . tests/run.sh\n    reports: {tests: r.xml}\n"
        "    regression: {tests: [\"tests/**\"]}\n",
        {{"tests/run.sh", script}, {"junit.xml", kGreenJunit}, {"made", std::to_string(++made_)}});
  };
  push("cp junit.xml r.xml");
  const auto on_former = [&](const std::string& then) {
    return Tried(push("if [ $(cat made) -lt " + std::to_string(made_ + 1) + " ]; then " + then +
                      "; fi; cp junit.xml r.xml"));
  };
  const RegressionEvidence broken = on_former("echo no build; exit 2");
  EXPECT_EQ(broken.state, RegressionState::kBroken);
  EXPECT_THAT(broken.detail, HasSubstr("exit code 2"));
  EXPECT_EQ(broken.failed_before, 0);
  EXPECT_EQ(on_former("sleep 60").state, RegressionState::kUnfinished);
  EXPECT_EQ(on_former("exit 0").state, RegressionState::kUnfinished) << "no report, no error";
}

}  // namespace
}  // namespace failgate
