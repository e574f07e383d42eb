#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/sync/fake_registry.h"
#include "tests/integration/sync/image_world.h"

namespace failgate {
namespace {

using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;

const std::string kA = "sha256:" + std::string(64, 'a');
const std::string kB = "sha256:" + std::string(64, 'b');

class ImageTest : public ImageWorld {
 protected:
  ImageTest() {
    registry_.Push("v1", kA);
    registry_.Push("v2", kB);
    registry_.Push("latest", kB);
    source_ = Source("image", registry_.host());
    source_.tags = {"v*"};
  }

  FakeRegistry registry_;
  ImageSourceSettings source_;
};

TEST_F(ImageTest, APollStoresTheTagsThatCountWithTheirDigests) {
  Start({source_});
  Look();
  EXPECT_THAT(Tags(), ElementsAre(Pair("v1", kA), Pair("v2", kB)));
  EXPECT_EQ(StatusOf().heads, 2U);
  EXPECT_EQ(StatusOf().failures, 0);
  EXPECT_THAT(registry_.TakeAsked(),
              ElementsAre("GET /v2/ml/churn/tags/list?n=100",
                          "HEAD /v2/ml/churn/manifests/v1",
                          "HEAD /v2/ml/churn/manifests/v2"));
}

TEST_F(ImageTest, ATagThatMovedOrWentIsFollowedAndOneThatStaysKeepsItsTime) {
  Start({source_});
  Look();
  const TimePoint first = life_->tags.All(SourceName("image")).at(1).since;
  registry_.Remove("v1");
  registry_.Push("v3", kA);
  Look();
  EXPECT_THAT(Tags(), ElementsAre(Pair("v2", kB), Pair("v3", kA)));
  EXPECT_EQ(life_->tags.All(SourceName("image")).at(0).since, first);
  registry_.Push("v2", kA);
  Look();
  EXPECT_THAT(Tags(), Contains(Pair("v2", kA)));
  EXPECT_GT(life_->tags.All(SourceName("image")).at(0).since, first);
}

TEST_F(ImageTest, ADeliveryAsksForItsTagAloneAndSaysTheDigest) {
  Start({source_});
  Look();
  registry_.Push("v9", kA);
  (void)registry_.TakeAsked();
  const std::string delivery = Deliver("d1", {RefHint{"v9", false}});
  life_->syncer.Step();
  EXPECT_THAT(registry_.TakeAsked(), ElementsAre("HEAD /v2/ml/churn/manifests/v9"));
  const auto outcome = OutcomeOf(delivery);
  EXPECT_EQ(outcome.at("images"),
            nlohmann::json::parse("[{\"tag\":\"v9\",\"digest\":\"" + kA + "\"}]"));
  EXPECT_TRUE(outcome.at("runs").empty());
  EXPECT_FALSE(outcome.contains("ignored_because"));
  EXPECT_THAT(Tags(), Contains(Pair("v9", kA)));
}

TEST_F(ImageTest, ADeliveryAboutNoTagSaysWhyItIsIgnored) {
  Start({source_});
  Look();
  (void)registry_.TakeAsked();
  const std::string absent = Deliver("d1", {RefHint{"v404", false}});
  life_->syncer.Step();
  EXPECT_THAT(OutcomeOf(absent).at("ignored_because"), HasSubstr("no tag \"v404\""));
  (void)registry_.TakeAsked();
  const std::string other = Deliver("d2", {RefHint{"latest", false}});
  life_->syncer.Step();
  EXPECT_THAT(OutcomeOf(other).at("ignored_because"), HasSubstr("not among those that count"));
  EXPECT_THAT(registry_.TakeAsked(), IsEmpty());
}

TEST_F(ImageTest, AllPagesOfTagsAreRead) {
  registry_.SetPageSize(2);
  Start({source_});
  Look();
  EXPECT_EQ(Tags().size(), 2U);
  EXPECT_THAT(registry_.TakeAsked(), Contains("GET /v2/ml/churn/tags/list?n=100&last=v1"));
}

TEST_F(ImageTest, MoreTagsThanAllowedAreNotGuessedAmong) {
  ImageSync::Options options;
  options.max_tags = 1;
  Start({source_}, options);
  Look();
  EXPECT_THAT(StatusOf().last_error, HasSubstr("narrow `tags`"));
  EXPECT_THAT(Tags(), IsEmpty());
}

TEST_F(ImageTest, ThePasswordGoesToARegistryThatAsksForIt) {
  registry_.Demand("Basic cm9ib3Q6czNjcmV0", "Basic realm=\"Registry\"");
  source_.credentials.username = "robot";
  source_.credentials.password = SecretFile("password", "s3cret");
  Start({source_});
  Look();
  EXPECT_EQ(Tags().size(), 2U);
  EXPECT_EQ(registry_.TakeAsked().front(), "GET /v2/ml/churn/tags/list?n=100") << "not unasked";
}

TEST_F(ImageTest, ATokenIsFetchedWhereTheRegistrySays) {
  registry_.Demand("Bearer the-token",
                   "Bearer realm=\"http://" + registry_.host() +
                       "/token\",service=\"registry\",scope=\"repository:ml/churn:pull,push\"");
  source_.credentials.username = "robot";
  source_.credentials.password = SecretFile("password", "s3cret");
  Start({source_});
  Look();
  EXPECT_EQ(Tags().size(), 2U);
  EXPECT_EQ(registry_.TakeAsked().at(1),
            "GET /token?scope=repository%3Aml%2Fchurn%3Apull&service=registry "
            "[Basic cm9ib3Q6czNjcmV0]");
}

TEST_F(ImageTest, NoCredentialGoesWhereTheServerFileDoesNotAllowIt) {
  FakeRegistry evil;
  registry_.Demand("Bearer the-token",
                   "Bearer realm=\"http://localhost:" +
                       evil.host().substr(evil.host().find(':') + 1) + "/token\"");
  source_.credentials.username = "robot";
  source_.credentials.password = SecretFile("password", "s3cret");
  Start({source_});
  Look();
  EXPECT_THAT(StatusOf().last_error, HasSubstr("token_hosts"));
  EXPECT_THAT(StatusOf().last_error, Not(HasSubstr("s3cret")));
  EXPECT_THAT(evil.TakeAsked(), IsEmpty());
  EXPECT_THAT(registry_.TakeAsked(), Each(Not(HasSubstr("["))));
}

TEST_F(ImageTest, AStandingTokenIsSentAndNothingElseTried) {
  registry_.Demand("Bearer standing", "Basic realm=\"x\"");
  source_.credentials.token = SecretFile("token", "standing");
  Start({source_});
  Look();
  EXPECT_EQ(Tags().size(), 2U);
  registry_.Demand("Bearer another", "Basic realm=\"x\"");
  Look();
  EXPECT_THAT(StatusOf().last_error, HasSubstr("may not pull it"));
  EXPECT_EQ(Tags().size(), 2U) << "what was stored stays";
}

TEST_F(ImageTest, ARedirectIsNotFollowed) {
  Start({source_});
  Look();
  registry_.Break(307);
  Look();
  EXPECT_THAT(StatusOf().last_error, HasSubstr("answered 307"));
  EXPECT_EQ(Tags().size(), 2U);
}

TEST_F(ImageTest, ABrokenRegistryDelaysNoOtherAndItsDeliveryWaits) {
  FakeRegistry other;
  other.Push("v1", kB);
  registry_.Break(500);
  Start({source_, Source("other", other.host())});
  const std::string delivery = Deliver("d1", {RefHint{"v1", false}});
  Look();
  EXPECT_EQ(StatusOf().failures, 1);
  EXPECT_THAT(Tags("other"), ElementsAre(Pair("v1", kB)));
  EXPECT_NE(life_->inbox.Show(delivery)->status, DeliveryStatus::kDone);
  registry_.Break(0);
  Look();
  EXPECT_EQ(OutcomeOf(delivery).at("images").at(0).at("digest"), kA);
}

TEST_F(ImageTest, APersonMayAskForALook) {
  Start({source_});
  ASSERT_TRUE(life_->syncer.SyncNow(SourceName("image")));
  EXPECT_FALSE(life_->syncer.SyncNow(SourceName("nobody")));
  life_->syncer.Step();
  EXPECT_EQ(Tags().size(), 2U);
}

TEST_F(ImageTest, ASecretThatIsMissingIsNamed) {
  registry_.Demand("Basic x", "Basic realm=\"x\"");
  source_.credentials.username = "robot";
  source_.credentials.password = SecretReference{"", folder_.path() / "missing"};
  Start({source_});
  Look();
  EXPECT_THAT(StatusOf().last_error, HasSubstr("missing"));
}

}  // namespace
}  // namespace failgate
