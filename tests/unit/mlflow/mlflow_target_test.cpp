#include "controller/targets/mlflow_target.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/base/error.h"
#include "tests/unit/mlflow/fake_mlflow.h"

namespace failgate {
namespace {

using ::testing::HasSubstr;
using Kind = Observation::Kind;

Deployable DeployableOf(int number) {
  Deployable deployable;
  deployable.record = std::make_shared<const ReleaseRecord>(ReleaseOf(number));
  deployable.release = deployable.record->name;
  deployable.artifacts = deployable.record->artifacts;
  DeployStep step;
  step.name = "registry";
  step.mlflow = MlflowTarget{"churn", "champion", "model"};
  deployable.steps = {step};
  return deployable;
}

class ModelAlias : public ::testing::Test {
 protected:
  ModelAlias() { settings_.url = "http://127.0.0.1:5000"; }
  TargetStep Step(const Deployable& deployable, const char* environment = "prod") const {
    return {EnvironmentName(environment), ProjectName("churn"), &deployable, &deployable.steps[0]};
  }
  Kind Look(const Deployable& deployable) { return target_.Observe(Step(deployable), false).kind; }
  nlohmann::json& Champion() { return fake_.models["churn"]["aliases"]["champion"]; }
  nlohmann::json& Versions() { return fake_.models["churn"]["versions"]; }

  FakeMlflow fake_;
  MlflowSettings settings_;
  EnvironmentLookup environment_ = [](const std::string&) { return std::nullopt; };
  MlflowCaller caller_{settings_, environment_, fake_.Sender()};
  RunRecording recording_{caller_, ""};
  MlflowAliasTarget target_{caller_, recording_};
  const Deployable first_ = DeployableOf(1);
  const Deployable second_ = DeployableOf(2);
};

TEST_F(ModelAlias, PointsToTheVersionOfTheRelease) {
  EXPECT_EQ(Look(first_), Kind::kAbsent);
  target_.Apply(Step(first_));
  EXPECT_EQ(Look(first_), Kind::kAsWanted);
  EXPECT_EQ(Look(second_), Kind::kDiffers);
  ASSERT_EQ(Versions().size(), 1U);
  EXPECT_EQ(Versions()[0]["run_id"], "run1");
  EXPECT_EQ(Versions()[0]["source"], "mlflow-artifacts:/1/run1/artifacts/model");
  target_.Apply(Step(first_));
  EXPECT_EQ(fake_.CallsOf("POST model-versions/create"), 1);
  EXPECT_EQ(fake_.CallsOf("POST registered-models/alias"), 1) << "what is right is not touched";
}

TEST_F(ModelAlias, GoesBackToTheVersionThatWasThere) {
  target_.Apply(Step(first_));
  target_.Apply(Step(second_));
  EXPECT_EQ(Champion(), "2");
  target_.Apply(Step(first_));
  EXPECT_EQ(Champion(), "1");
  EXPECT_EQ(Versions().size(), 2U);
  EXPECT_EQ(Look(first_), Kind::kAsWanted);
}

TEST_F(ModelAlias, IsPutBackWhereverItWasMoved) {
  target_.Apply(Step(first_));
  target_.Apply(Step(second_));
  Champion() = "1";
  const Observation moved = target_.Observe(Step(second_), false);
  EXPECT_EQ(moved.kind, Kind::kDiffers);
  EXPECT_THAT(moved.detail, HasSubstr("points to version 1 of churn (churn-1)"));
  target_.Apply(Step(second_));
  EXPECT_EQ(Look(second_), Kind::kAsWanted);
}

TEST_F(ModelAlias, SaysThatAVersionWasMadeByHandAndItsStage) {
  target_.Apply(Step(first_));
  Versions().push_back({{"name", "churn"},
                        {"version", "2"},
                        {"current_stage", "Production"},
                        {"tags", nlohmann::json::array()}});
  Champion() = "2";
  EXPECT_THAT(target_.Observe(Step(first_), false).detail,
              HasSubstr("version 2 of churn (not made by failgate, stage Production)"));
}

TEST_F(ModelAlias, SaysWhenAStageNamesAnotherVersionThanAnyAlias) {
  target_.Apply(Step(first_));
  target_.Apply(Step(second_));
  EXPECT_EQ(target_.Observe(Step(second_), false).notice, "");
  Versions()[0]["current_stage"] = "Production";
  const Observation seen = target_.Observe(Step(second_), false);
  EXPECT_EQ(seen.kind, Kind::kAsWanted) << "a stage is nothing that is put back";
  EXPECT_THAT(seen.notice,
              HasSubstr("models:/churn/Production is version 1 of churn (churn-1, stage "
                        "Production), and no alias points to it; the alias champion points to "
                        "version 2"));
  fake_.models["churn"]["aliases"]["fallback"] = "1";
  EXPECT_EQ(target_.Observe(Step(second_), false).notice, "") << "somebody means it";
  Versions()[1]["current_stage"] = "Archived";
  EXPECT_THAT(
      target_.Observe(Step(second_), false).notice,
      HasSubstr("the alias champion points to version 2 of churn (churn-2, stage Archived)"));
  target_.Apply(Step(second_));
  EXPECT_EQ(fake_.CallsOf("POST model-versions/transition-stage"), 0);
}

TEST_F(ModelAlias, MendsTagsOfItsVersion) {
  target_.Apply(Step(first_));
  for (auto& tag : Versions()[0]["tags"]) {
    if (tag["key"] == "git.commit") tag["value"] = "another";
  }
  const Observation seen = target_.Observe(Step(first_), false);
  EXPECT_EQ(seen.kind, Kind::kDiffers);
  EXPECT_THAT(seen.detail, HasSubstr("whose tag git.commit says 'another'"));
  target_.Apply(Step(first_));
  EXPECT_EQ(Look(first_), Kind::kAsWanted);
  EXPECT_EQ(Versions().size(), 1U);
}

TEST_F(ModelAlias, LeavesAnAliasThatSomebodyElseSet) {
  target_.Apply(Step(first_));
  for (const char* owner : {"", "churn/recette", "prices/prod"}) {
    for (auto& tag : fake_.models["churn"]["tags"]) {
      if (tag["key"] == "failgate.alias.champion") tag["value"] = owner;
    }
    EXPECT_EQ(Look(second_), Kind::kForeign);
    EXPECT_THROW(target_.Apply(Step(second_)), Error);
    EXPECT_THROW(target_.Remove(Step(second_)), Error);
    EXPECT_EQ(Champion(), "1");
  }
  EXPECT_THAT(
      target_.Observe(Step(second_), false).detail,
      HasSubstr("belongs to prices/prod; it is never moved: delete it, or hand it over with "
                "the model's tag failgate.alias.champion = churn/prod"));
}

TEST_F(ModelAlias, IsProvedByReadingItBack) {
  target_.Apply(Step(first_));
  fake_.instead = [](const std::string& call) {
    return call == "POST registered-models/alias"
               ? std::optional<ClientResponse>(ClientResponse{200, {}, "{}"})
               : std::nullopt;
  };
  try {
    target_.Apply(Step(second_));
    ADD_FAILURE() << "an alias that does not move is no success";
  } catch (const Error& error) {
    EXPECT_EQ(error.remedy(), Remedy::kRetry);
    EXPECT_THAT(error.what(), HasSubstr("was set to version 2, and reads 1"));
  }
}

TEST_F(ModelAlias, GoesAndNothingElse) {
  target_.Remove(Step(first_));
  target_.Apply(Step(first_));
  target_.Remove(Step(first_));
  EXPECT_EQ(Look(first_), Kind::kAbsent);
  EXPECT_EQ(Versions().size(), 1U);
  EXPECT_EQ(fake_.models["churn"]["tags"].dump().find("failgate.alias"), std::string::npos);
  target_.Remove(Step(first_));
}

TEST_F(ModelAlias, IsTakenAwayWhenTheDeployFileNamesAnother) {
  target_.Apply(Step(first_));
  Deployable renamed = DeployableOf(1);
  renamed.steps[0].mlflow->alias = "live";
  target_.Apply(Step(renamed));
  target_.Prune(Step(renamed), {Step(first_)});
  EXPECT_EQ(Look(first_), Kind::kAsWanted) << "kept for the way back";
  target_.Prune(Step(renamed), {});
  EXPECT_EQ(Look(first_), Kind::kAbsent);
  EXPECT_EQ(Look(renamed), Kind::kAsWanted);
}

TEST_F(ModelAlias, CannotBeOfAReleaseWithoutTheArtifact) {
  Deployable other = DeployableOf(1);
  other.steps[0].mlflow->artifact = "tokenizer";
  EXPECT_THROW(target_.Apply(Step(other)), Error);
  EXPECT_TRUE(fake_.models.empty());
  Deployable lost = DeployableOf(1);
  lost.record = nullptr;
  EXPECT_THROW(target_.Apply(Step(lost)), Error);
  EXPECT_EQ(Look(lost), Kind::kAbsent);
}

}  // namespace
}  // namespace failgate
