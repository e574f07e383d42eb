// Servers of MLflow 2 and 3 over SQLite: what failgate tells them, and what an alias is worth.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <nlohmann/json.hpp>

#include "controller/base/durable_file.h"
#include "controller/base/error.h"
#include "controller/mlflow/mlflow_recorder.h"
#include "controller/targets/mlflow_target.h"
#include "tests/support/peers.h"
#include "tests/unit/mlflow/fake_mlflow.h"

namespace failgate {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;
using Kind = Observation::Kind;

class OneRelease final : public ReleaseLog {
 public:
  explicit OneRelease(ReleaseRecord record) : record_(std::move(record)) {}
  [[nodiscard]] std::vector<ReleaseName> Releases(const ProjectName& project) override {
    static_cast<void>(project);
    return {record_.name};
  }
  [[nodiscard]] std::optional<ReleaseRecord> Record(const ReleaseName& release) override {
    static_cast<void>(release);
    return record_;
  }

 private:
  ReleaseRecord record_;
};

class RealMlflow : public ::testing::TestWithParam<const char*> {
 protected:
  static void TearDownTestSuite() { Servers().clear(); }

  void SetUp() override {
    if (const std::string missing = MissingPeer(GetParam()); !missing.empty()) {
      GTEST_SKIP() << missing;
    }
    if (Servers().empty()) {
      for (const char* name : {"mlflow2", "mlflow3"}) {
        if (MissingPeer(name).empty()) Servers()[name] = std::make_unique<Server>(name);
      }
    }
    const MlflowPeer& peer = Servers().at(GetParam())->peer;
    peer.Await();
    settings_.url = peer.url();
    caller_.emplace(settings_, environment_);
    recording_.emplace(*caller_, "http://127.0.0.1:8484");
    target_.emplace(*caller_, *recording_);
  }

  /// Each test has a project, and so a model, of its own on the server.
  static ReleaseRecord RecordOf(const std::string& project, int number) {
    ReleaseRecord record = ReleaseOf(number);
    record.project = ProjectName(project);
    record.name = ReleaseName(project + "-" + std::to_string(number));
    return record;
  }
  static Deployable DeployableOf(const std::string& project, int number) {
    Deployable deployable;
    deployable.record = std::make_shared<const ReleaseRecord>(RecordOf(project, number));
    deployable.release = deployable.record->name;
    DeployStep step;
    step.name = "registry";
    step.mlflow = MlflowTarget{project, "champion", "model"};
    deployable.steps = {step};
    return deployable;
  }
  static TargetStep StepOf(const Deployable& deployable) {
    return {EnvironmentName("prod"), deployable.record->project, &deployable, &deployable.steps[0]};
  }
  nlohmann::json RunsOf(const std::string& project) {
    const std::string experiment = recording_->tracking().FindExperiment(project).value_or("");
    const MlflowAnswer answer = caller_->Send(
        "POST", "runs/search", nlohmann::json{{"experiment_ids", {experiment}}}.dump());
    return nlohmann::json::parse(answer.body).value("runs", nlohmann::json::array());
  }

 private:
  struct Server {
    explicit Server(const std::string& name) : peer(name, folder.path()) {}
    TemporaryFolder folder;
    MlflowPeer peer;
  };
  static std::map<std::string, std::unique_ptr<Server>>& Servers() {
    static std::map<std::string, std::unique_ptr<Server>> servers;
    return servers;
  }

 protected:
  MlflowSettings settings_;
  EnvironmentLookup environment_ = [](const std::string&) { return std::nullopt; };
  std::optional<MlflowCaller> caller_;
  std::optional<RunRecording> recording_;
  std::optional<MlflowAliasTarget> target_;
};

TEST_P(RealMlflow, HoldsOneRunOfARelease) {
  const std::string major(1, std::string(GetParam()).back());
  EXPECT_THAT(caller_->Version(), StartsWith(major + "."));
  ReleaseRecord record = RecordOf("recorded", 7);
  record.evidence.metrics = {{"auc", 0.871}, {"f1@k=10", 0.5}};
  OneRelease log(record);
  MlflowRecorder first({record.project}, *recording_);
  EXPECT_FALSE(first.Step(log));
  EXPECT_EQ(first.Standing().owed, 0U);
  // Another life knows nothing and asks.
  MlflowRecorder second({record.project}, *recording_);
  EXPECT_FALSE(second.Step(log));
  static_cast<void>(recording_->Record(record));
  const auto runs = RunsOf("recorded");
  ASSERT_EQ(runs.size(), 1U);
  EXPECT_EQ(runs[0]["info"]["run_name"], "recorded-7");
  EXPECT_EQ(runs[0]["info"]["status"], "FINISHED");
  const std::string data = runs[0]["data"].dump();
  EXPECT_THAT(data, HasSubstr(R"({"key":"git.commit","value":")" + record.revision.text()));
  EXPECT_THAT(data, HasSubstr(R"("key":"data.version","value":"data/train.csv@sha256:9b1d")"));
  EXPECT_THAT(data, HasSubstr(R"("key":"f1_k_10")"));
  EXPECT_THAT(data, HasSubstr(R"("value":0.871)"));
  EXPECT_THAT(data, HasSubstr(R"({"key":"training","value":"full"})"));
}

TEST_P(RealMlflow, SwitchesHealsAndTakesBackAnAlias) {
  const Deployable first = DeployableOf("aliased", 1);
  const Deployable second = DeployableOf("aliased", 2);
  EXPECT_EQ(target_->Observe(StepOf(first), false).kind, Kind::kAbsent) << "no such model";
  target_->Apply(StepOf(first));
  EXPECT_EQ(target_->Observe(StepOf(first), true).kind, Kind::kAsWanted);
  target_->Apply(StepOf(second));
  EXPECT_EQ(target_->Observe(StepOf(second), true).kind, Kind::kAsWanted);

  const MlflowRegistry registry(*caller_);
  const auto live = registry.Alias("aliased", "champion");
  ASSERT_TRUE(live);
  EXPECT_EQ(live->version, "2");
  EXPECT_EQ(live->run, recording_->Record(*second.record).id)
      << "a version is a pointer to the run";
  EXPECT_EQ(live->Tag("artifact.sha256"), second.record->artifacts[0].sha256);

  registry.SetAlias("aliased", "champion", "1");  // by hand
  const Observation moved = target_->Observe(StepOf(second), false);
  EXPECT_EQ(moved.kind, Kind::kDiffers);
  EXPECT_THAT(moved.detail, HasSubstr("points to version 1 of aliased (aliased-1)"));
  target_->Apply(StepOf(second));
  EXPECT_EQ(target_->Observe(StepOf(second), true).kind, Kind::kAsWanted);

  target_->Apply(StepOf(first));  // the way back
  EXPECT_EQ(registry.Alias("aliased", "champion")->version, "1");
  registry.TagVersion(*registry.Alias("aliased", "champion"), "git.commit", "another");
  EXPECT_EQ(target_->Observe(StepOf(first), false).kind, Kind::kDiffers);
  target_->Apply(StepOf(first));
  EXPECT_EQ(target_->Observe(StepOf(first), false).kind, Kind::kAsWanted);

  target_->Remove(StepOf(first));
  EXPECT_EQ(target_->Observe(StepOf(first), false).kind, Kind::kAbsent) << "the model is there";
  target_->Remove(StepOf(first));
  EXPECT_EQ(registry.FindVersions("aliased", "failgate.release", "aliased-2").size(), 1U);
}

TEST_P(RealMlflow, KeepsTheAliasThatSomebodyElseSet) {
  const Deployable mine = DeployableOf("shared", 1);
  const MlflowRegistry registry(*caller_);
  static_cast<void>(registry.Model("shared", {}));
  const MlflowRun run = recording_->Record(*mine.record);
  const MlflowVersion theirs = registry.MakeVersion("shared", run.artifact_uri + "/x", run.id, {});
  registry.SetAlias("shared", "champion", theirs.version);
  EXPECT_EQ(target_->Observe(StepOf(mine), false).kind, Kind::kForeign);
  EXPECT_THROW(target_->Apply(StepOf(mine)), Error);
  EXPECT_EQ(registry.Alias("shared", "champion")->version, theirs.version);
  registry.TagModel("shared", "failgate.alias.champion", "shared/prod");  // handed over
  target_->Apply(StepOf(mine));
  EXPECT_EQ(target_->Observe(StepOf(mine), false).kind, Kind::kAsWanted);
}

TEST_P(RealMlflow, SaysWhenAStageContradictsTheAliases) {
  const Deployable first = DeployableOf("staged", 1);
  const Deployable second = DeployableOf("staged", 2);
  target_->Apply(StepOf(first));
  target_->Apply(StepOf(second));
  EXPECT_EQ(target_->Observe(StepOf(second), false).notice, "");
  const auto move = [&](const char* version, const char* stage) {
    const MlflowAnswer answer = caller_->Send("POST",
                                              "model-versions/transition-stage",
                                              nlohmann::json{{"name", "staged"},
                                                             {"version", version},
                                                             {"stage", stage},
                                                             {"archive_existing_versions", false}}
                                                  .dump());
    ASSERT_TRUE(answer.ok()) << answer.body;
  };
  move("1", "Production");
  const Observation seen = target_->Observe(StepOf(second), false);
  EXPECT_EQ(seen.kind, Kind::kAsWanted);
  EXPECT_THAT(seen.notice, HasSubstr("models:/staged/Production is version 1 of staged (staged-1"));
  target_->Apply(StepOf(first));
  EXPECT_EQ(target_->Observe(StepOf(first), false).notice, "") << "alias and stage agree";
  move("1", "Archived");
  EXPECT_THAT(target_->Observe(StepOf(first), false).notice, HasSubstr("stage Archived"));
}

INSTANTIATE_TEST_SUITE_P(Servers,
                         RealMlflow,
                         ::testing::Values("mlflow2", "mlflow3"),
                         [](const auto& server) { return std::string(server.param); });

}  // namespace
}  // namespace failgate
