// Against a fake SonarQube over HTTP.
#include "controller/sonar/sonar_asker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/base/durable_file.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_sonar.h"

namespace failgate {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const std::string kRevision(40, 'a');

class SonarAskerTest : public testing::Test {
 protected:
  SonarAskerTest() {
    WriteFileDurably(folder_.path() / "token", "squ_the-token\n", 0600);
    settings_.url = sonar_.url();
    settings_.token = SecretReference{"", folder_.path() / "token"};
  }
  SonarAsker& Asker() {
    if (asker_ == nullptr) {
      asker_ = std::make_unique<SonarAsker>(settings_, environment_, std::chrono::hours(1), clock_);
      asker_->OnWanted([this] { ++wanted_; });
      asker_->OnAnswered([this] { ++answered_; });
    }
    return *asker_;
  }
  SonarFact Look() { return Asker().Look({"ml:churn", "", CommitId(kRevision)}); }
  SonarFact StepAndLook() {
    static_cast<void>(Look());
    Asker().Step();
    return Look();
  }
  void Later(Milliseconds time) { clock_.Advance(time); }

  TemporaryFolder folder_;
  FakeClock clock_;
  FakeSonar sonar_{"squ_the-token"};
  SonarServerSettings settings_;
  EnvironmentLookup environment_ = [](const std::string&) { return std::nullopt; };
  std::unique_ptr<SonarAsker> asker_;
  int wanted_ = 0;
  int answered_ = 0;
};

TEST_F(SonarAskerTest, FindsTheAnalysisOfTheRevisionBehindNewerOnes) {
  const std::string key = sonar_.Analyse("ml:churn", kRevision, "OK");
  for (int i = 0; i < 120; ++i) sonar_.Analyse("ml:churn", "another", "ERROR");
  EXPECT_EQ(Look().state, SonarState::kNotAsked);
  EXPECT_EQ(wanted_, 1);
  const SonarFact fact = StepAndLook();
  EXPECT_EQ(fact.state, SonarState::kAnalysed);
  EXPECT_EQ(fact.status, "OK");
  EXPECT_EQ(fact.analysis, key);
  EXPECT_EQ(fact.analysed, CommitId(kRevision));
  EXPECT_EQ(fact.asked_at, clock_.Now());
  EXPECT_EQ(answered_, 1);
  EXPECT_THAT(sonar_.TakeAsked(),
              ElementsAre("/api/project_analyses/search?project=ml%3Achurn&ps=100&p=1",
                          "/api/project_analyses/search?project=ml%3Achurn&ps=100&p=2",
                          "/api/qualitygates/project_status?analysisId=" + key));
}

TEST_F(SonarAskerTest, AsksAgainWhileADecisionWaits) {
  sonar_.Analyse("ml:churn", "another", "OK");
  EXPECT_EQ(StepAndLook().state, SonarState::kNotAnalysed);
  Asker().Step();
  EXPECT_THAT(sonar_.TakeAsked(), SizeIs(1));  // not before its time
  const std::string key = sonar_.Analyse("ml:churn", kRevision, "NONE");
  Later(settings_.poll);
  Asker().Step();
  EXPECT_EQ(Look().status, "NONE");
  sonar_.Turn(key, "ERROR", R"([{"status":"ERROR","metricKey":"bugs"}])");
  Asker().AskAll();  // a webhook came
  Asker().Step();
  EXPECT_THAT(Look().failed, SizeIs(1));
  Later(std::chrono::hours(2));  // nobody looks any more
  static_cast<void>(sonar_.TakeAsked());
  Asker().Step();
  EXPECT_THAT(sonar_.TakeAsked(), IsEmpty());
}

TEST_F(SonarAskerTest, AsksForAFinalAnswerOnlyWhileSomebodyLooks) {
  sonar_.Analyse("ml:churn", kRevision, "OK");
  static_cast<void>(Look());
  Asker().Step();
  static_cast<void>(sonar_.TakeAsked());
  Later(settings_.poll);
  Asker().Step();
  EXPECT_THAT(sonar_.TakeAsked(), IsEmpty());
  static_cast<void>(Look());
  Asker().Step();
  EXPECT_THAT(sonar_.TakeAsked(), SizeIs(2));
  EXPECT_EQ(answered_, 1);  // it says the same
  Later(kSonarAnswerCounts);
  EXPECT_EQ(Look().status, "OK");  // too old to let pass: asked at once
  Asker().Step();
  EXPECT_EQ(Look().asked_at, clock_.Now());
  EXPECT_EQ(answered_, 2);
}

TEST_F(SonarAskerTest, SaysWhyThereIsNoAnswer) {
  sonar_.Analyse("ml:churn", kRevision, "OK");
  const auto trouble = [this](int status, const std::string& body = {}) {
    sonar_.Break(status, body);
    Asker().AskAll();
    const SonarFact fact = StepAndLook();
    EXPECT_EQ(fact.state, SonarState::kUnreachable) << status;
    EXPECT_TRUE(fact.status.empty());
    return fact.trouble;
  };
  EXPECT_THAT(trouble(500, "secret trace"), HasSubstr("it answered 500"));
  EXPECT_THAT(trouble(302), HasSubstr("it answered 302"));
  EXPECT_THAT(trouble(403), HasSubstr("token of `sonar:` is refused"));
  EXPECT_THAT(trouble(404), HasSubstr("it does not know project ml:churn"));
  EXPECT_THAT(trouble(200, "<html>"), HasSubstr("not documented"));
  EXPECT_THAT(trouble(200, std::string(std::size_t{2} << 20U, ' ')), HasSubstr("larger than"));
  sonar_.Break(0);
  WriteFileDurably(folder_.path() / "token", "squ_of-another\n", 0600);
  EXPECT_THAT(trouble(0), HasSubstr("it answered 401"));
  std::filesystem::remove(folder_.path() / "token");
  EXPECT_THAT(trouble(0), HasSubstr("token"));
}

TEST_F(SonarAskerTest, OneRoundMeetsAnUnreachableServerOnce) {
  settings_.url = "http://127.0.0.1:1";
  for (const char* project : {"a", "b", "c"}) {
    static_cast<void>(Asker().Look({project, "", CommitId(kRevision)}));
  }
  Asker().Step();
  for (const char* project : {"a", "b", "c"}) {
    const SonarFact fact = Asker().Look({project, "", CommitId(kRevision)});
    EXPECT_EQ(fact.state, SonarState::kUnreachable);
    EXPECT_THAT(fact.trouble, HasSubstr("no connection"));
  }
}

}  // namespace
}  // namespace failgate
