#include "controller/mlflow/mlflow_recorder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/base/error.h"
#include "tests/unit/mlflow/fake_mlflow.h"

namespace failgate {
namespace {

class HeldReleases final : public ReleaseLog {
 public:
  [[nodiscard]] std::vector<ReleaseName> Releases(const ProjectName& project) override {
    std::vector<ReleaseName> names;
    for (int number = newest; project.text() == "churn" && number > 0; --number) {
      names.push_back(ReleaseOf(number).name);
    }
    return names;
  }
  [[nodiscard]] std::optional<ReleaseRecord> Record(const ReleaseName& release) override {
    return ReleaseOf(std::stoi(release.text().substr(6)));
  }
  int newest = 3;
};

class MlflowRecording : public ::testing::Test {
 protected:
  MlflowRecording() { settings_.url = "http://127.0.0.1:5000"; }
  /// As after a restart with nothing left on disk.
  void StartAnew() {
    recorder_ = std::make_unique<MlflowRecorder>(
        std::vector<ProjectName>{ProjectName("churn"), ProjectName("other")}, recording_);
  }
  bool Step() {
    if (!recorder_) StartAnew();
    return recorder_->Step(log_);
  }

  FakeMlflow fake_;
  MlflowSettings settings_;
  EnvironmentLookup environment_ = [](const std::string&) { return std::nullopt; };
  MlflowCaller caller_{settings_, environment_, fake_.Sender()};
  RunRecording recording_{caller_, ""};
  HeldReleases log_;
  std::unique_ptr<MlflowRecorder> recorder_;
};

TEST_F(MlflowRecording, TellsEachReleaseOnceNewestFirst) {
  EXPECT_FALSE(Step());
  ASSERT_EQ(fake_.runs.size(), 3U);
  EXPECT_EQ(fake_.runs[0]["data"]["tags"][0]["value"].is_string(), true);
  EXPECT_EQ(fake_.experiments.size(), 1U) << "a project without releases has no experiment";
  for (const auto& run : fake_.runs) EXPECT_EQ(run["info"]["status"], "FINISHED");
  EXPECT_NE(fake_.runs[0].dump().find("churn-3"), std::string::npos);
  EXPECT_EQ(recorder_->Standing().owed, 0U);
  static_cast<void>(Step());
  EXPECT_EQ(fake_.CallsOf("POST runs/create"), 3);
  log_.newest = 4;
  static_cast<void>(Step());
  EXPECT_EQ(fake_.CallsOf("POST runs/create"), 4);
}

TEST_F(MlflowRecording, OwesNothingAfterALossOfEverythingHere) {
  static_cast<void>(Step());
  StartAnew();
  static_cast<void>(Step());
  EXPECT_EQ(fake_.CallsOf("POST runs/create"), 3);
}

TEST_F(MlflowRecording, EndsARunThatWasLeftHalf) {
  fake_.instead = [](const std::string& call) {
    return call == "POST runs/log-batch"
               ? std::optional<ClientResponse>(ClientResponse{503, {}, ""})
               : std::nullopt;
  };
  EXPECT_THROW(static_cast<void>(Step()), Error);
  EXPECT_EQ(recorder_->Standing().owed, 3U);
  EXPECT_FALSE(recorder_->Standing().trouble.empty());
  ASSERT_EQ(fake_.runs.size(), 1U);
  fake_.instead = nullptr;
  StartAnew();
  static_cast<void>(Step());
  EXPECT_EQ(fake_.runs.size(), 3U);
  EXPECT_EQ(fake_.runs[0]["info"]["status"], "FINISHED");
  EXPECT_EQ(fake_.runs[0]["data"]["metrics"].size(), 1U);
  EXPECT_TRUE(recorder_->Standing().trouble.empty());
}

TEST_F(MlflowRecording, OwesEverythingToAServerThatNeverAnswered) {
  fake_.instead = [](const std::string&) { return ClientResponse{503, {}, ""}; };
  EXPECT_THROW(static_cast<void>(Step()), Error);
  EXPECT_EQ(recorder_->Standing().owed, 3U);
  EXPECT_FALSE(recorder_->Standing().trouble.empty());
  fake_.instead = nullptr;
  static_cast<void>(Step());
  EXPECT_EQ(recorder_->Standing().owed, 0U);
}

TEST_F(MlflowRecording, LeavesARunThatPeopleDeleted) {
  static_cast<void>(Step());
  fake_.runs[1]["info"]["lifecycle_stage"] = "deleted";
  fake_.runs[1]["info"]["status"] = "RUNNING";
  StartAnew();
  static_cast<void>(Step());
  EXPECT_EQ(fake_.CallsOf("POST runs/create"), 3);
  EXPECT_EQ(fake_.CallsOf("POST runs/update"), 3);
}

TEST_F(MlflowRecording, IsNotHeldUpByAReleaseThatIsRefused) {
  int creations = 0;
  fake_.instead = [&](const std::string& call) {
    const bool first = call == "POST runs/create" && ++creations == 1;
    return first ? std::optional<ClientResponse>(
                       MlflowError(400, "INVALID_PARAMETER_VALUE", "a tag is too long"))
                 : std::nullopt;
  };
  EXPECT_THROW(static_cast<void>(Step()), Error);
  EXPECT_EQ(fake_.runs.size(), 2U);
  EXPECT_EQ(recorder_->Standing().owed, 1U);
  EXPECT_NE(recorder_->Standing().trouble.find("a tag is too long"), std::string::npos);
}

TEST_F(MlflowRecording, TakesTheRestAtAnotherStep) {
  log_.newest = MlflowRecorder::kAtOnce + 1;
  EXPECT_TRUE(Step());
  EXPECT_EQ(recorder_->Standing().owed, 1U);
  EXPECT_FALSE(Step());
  EXPECT_EQ(fake_.runs.size(), static_cast<std::size_t>(MlflowRecorder::kAtOnce) + 1);
}

}  // namespace
}  // namespace failgate
