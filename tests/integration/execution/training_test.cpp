// Degraded trainings: evidence, never released.
#include "tests/integration/execution/execution_world.h"

namespace failgate {
namespace {

using testing::HasSubstr;

constexpr const char* kPipeline = R"(
triggers: {data: {paths: ["data/**"]}}
steps:
  - name: train
    level: train
    run: echo "$FAILGATE_TRAINING" > model
    training: {code: degraded}
    inputs: ["train.py"]
    artifacts: [{name: model, path: model}]
)";

class TrainingTest : public ExecutionWorld {
 protected:
  void CarryOn(const RunResult& result, const CommitId& revision) {
    ArtifactRecord artifact = result.artifacts.at(0);
    artifact.origin_release = ReleaseName("churn-1");
    questions_.carried = [artifact, revision](const ProjectName&, const std::string&) {
      return std::optional<CarriedArtifact>({artifact, revision});
    };
    Restart();
  }
};

TEST_F(TrainingTest,
       given_no_full_training_when_code_is_pushed_then_the_release_waits_and_one_is_queued) {
  const RunId id = Queue(kPipeline, {{"train.py", "1"}});
  const failgate::Run run = Execute(id);
  EXPECT_EQ(run.state, RunState::kSucceeded) << run.reason;
  EXPECT_EQ(run.release_state, ReleaseState::kNone);
  EXPECT_THAT(run.reason, HasSubstr("waits for a full training"));
  const std::vector<failgate::Run> runs = life_->runs.List({});
  ASSERT_EQ(runs.size(), 2U);
  EXPECT_EQ(runs[0].trigger, RunTrigger::kManual);
  EXPECT_EQ(runs[0].training, "full");
  EXPECT_EQ(runs[0].release_state, ReleaseState::kOwed);
  EXPECT_EQ(ResultOf(runs[0]).artifacts.at(0).trained, "full");
}

TEST_F(TrainingTest,
       given_a_full_training_when_its_inputs_are_the_same_then_its_artifact_is_carried_on) {
  (void)Execute(Queue(kPipeline, {{"train.py", "1"}}));
  const RunResult full = ResultOf(life_->runs.List({}).front());
  CarryOn(full, revision_);
  const failgate::Run run = Execute(Queue(kPipeline, {{"readme", "2"}}));
  EXPECT_EQ(run.release_state, ReleaseState::kOwed) << run.reason;
  const ArtifactRecord artifact = ResultOf(run).artifacts.at(0);
  EXPECT_EQ(artifact.sha256, full.artifacts.at(0).sha256);
  EXPECT_EQ(artifact.origin_release.text(), "churn-1");
}

constexpr const char* kMeasured = R"(
triggers: {data: {paths: ["data/**"]}}
steps:
  - name: lint
    level: unit
    run: 'echo "{\"lint\": 1}" > l.json'
    reports: {metrics: l.json}
  - name: train
    level: train
    run: >-
      echo "$FAILGATE_TRAINING" > model;
      if [ "$FAILGATE_TRAINING" = full ]; then a=0.9; else a=0.99; fi;
      echo "{\"auc\": $a}" > m.json
    training: {code: degraded}
    inputs: ["train.py"]
    reports: {metrics: m.json}
    artifacts: [{name: model, path: model}]
  - name: score
    level: functional
    needs: [train]
    run: 'echo "{\"hits\": $(wc -c < model)}" > h.json'
    reports: {metrics: h.json}
)";

TEST_F(TrainingTest, given_a_carried_model_when_it_is_judged_then_by_what_its_training_measured) {
  (void)Execute(Queue(kMeasured, {{"train.py", "1"}}));
  const RunResult full = ResultOf(life_->runs.List({}).front());
  ASSERT_EQ(full.evidence.measured.size(), 3U);
  ArtifactRecord artifact = full.artifacts.at(0);
  artifact.origin_release = ReleaseName("churn-1");
  std::vector<StepMeasurement> measured = full.evidence.measured;
  for (StepMeasurement& each : measured) each.measured_for = ReleaseName("churn-1");
  const CommitId revision = revision_;
  questions_.carried = [artifact, revision, measured](const ProjectName&, const std::string&) {
    return std::optional<CarriedArtifact>({artifact, revision, measured});
  };
  Restart();
  const failgate::Run run = Execute(Queue(kMeasured, {{"readme", "2"}}));
  EXPECT_EQ(run.release_state, ReleaseState::kOwed) << run.reason;
  const Evidence evidence = ResultOf(run).evidence;
  EXPECT_EQ(evidence.metrics.at("auc"), 0.99) << "shown, and no evidence of the model";
  ASSERT_EQ(evidence.measured.size(), 3U);
  EXPECT_EQ(evidence.measured[0], (StepMeasurement{"lint", {{"lint", 1}}}));
  for (const StepMeasurement& each : evidence.measured) {
    if (each.step == "train") {
      EXPECT_EQ(each.metrics.at("auc"), 0.9);
      EXPECT_EQ(each.measured_for.text(), "churn-1");
    } else if (each.step == "score") {
      EXPECT_EQ(each.metrics.at("hits"), 5) << "of the full model, not of the degraded one";
    }
  }
}

TEST_F(TrainingTest, given_a_full_training_when_an_input_changed_then_a_new_one_is_needed) {
  (void)Execute(Queue(kPipeline, {{"train.py", "1"}}));
  CarryOn(ResultOf(life_->runs.List({}).front()), revision_);
  const failgate::Run run = Execute(Queue(kPipeline, {{"train.py", "2"}}));
  EXPECT_EQ(run.release_state, ReleaseState::kNone);
  EXPECT_THAT(run.reason, HasSubstr("an input of step train changed"));
}

TEST_F(TrainingTest, given_a_champion_when_a_step_runs_then_it_reads_its_artifacts) {
  (void)Execute(Queue(kPipeline, {{"train.py", "1"}}));
  const RunResult full = ResultOf(life_->runs.List({}).front());
  questions_.champion = [full](const ProjectName&) {
    return ChampionAnswer{true, Champion{ReleaseName("churn-1"), full.artifacts}};
  };
  Restart();
  const failgate::Run run =
      Execute("steps:\n  - {name: see, level: unit, run: 'cat \"$FAILGATE_CHAMPION/model\"'}\n");
  EXPECT_EQ(run.state, RunState::kSucceeded) << run.reason;
  EXPECT_EQ(LogOf(run, "see"), "full\n");
  const failgate::Run measured = Execute(
      "steps:\n  - {name: see, level: unit, run: 'echo \"{\\\"auc\\\": 1}\" > m.json', reports: "
      "{metrics: m.json}}\n");
  ASSERT_EQ(ResultOf(measured).evidence.measured.size(), 1U) << measured.reason;
  EXPECT_EQ(ResultOf(measured).evidence.measured[0].champion.text(), "churn-1");
}

}  // namespace
}  // namespace failgate
