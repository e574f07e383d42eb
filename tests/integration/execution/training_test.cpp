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
}

}  // namespace
}  // namespace failgate
