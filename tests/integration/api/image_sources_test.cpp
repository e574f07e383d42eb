// What the API tells of sources that are container images.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/integration/api/api_world.h"

namespace failgate {
namespace {

using nlohmann::json;

class ImageSources : public testing::Test {
 protected:
  ImageSources() {
    ImageSourceSettings source;
    source.name = SourceName("churn-image");
    source.image = ImageName{"registry.example.com", "ml/churn"};
    source.projects = {ProjectName("churn")};
    source.credentials.username = "robot";
    source.credentials.password = SecretReference{"REGISTRY_PASSWORD", {}};
    source.webhook = WebhookSettings{"harbor", {SecretReference{"HARBOR_HOOK", {}}}};
    world_ = std::make_unique<ApiWorld>(50000,
                                        std::vector<SourceSettings>(),
                                        IntakeLimits(),
                                        HttpServerOptions(),
                                        std::vector<ImageSourceSettings>{source});
  }
  json Listed(const std::string& token) {
    for (const json& source : json::parse(world_->Get("/api/v1/sources", token).body)) {
      if (source.at("name") == "churn-image") {
        return source;
      }
    }
    return nullptr;
  }

  std::unique_ptr<ApiWorld> world_;
};

TEST_F(ImageSources, AreListedWithTagsAndDigests) {
  world_->image_tags.Change(SourceName("churn-image"), {{"v1", "sha256:a"}}, {});
  const std::string token = world_->Token(Role::kViewer);
  const json source = Listed(token);
  EXPECT_EQ(source.at("kind"), "image");
  EXPECT_EQ(source.at("url"), "registry.example.com/ml/churn");
  EXPECT_EQ(source.at("provider"), "harbor");
  EXPECT_EQ(source.at("poll"), "5m");
  ASSERT_EQ(source.at("tags").size(), 1U);
  EXPECT_EQ(source.at("tags")[0].at("tag"), "v1");
  EXPECT_EQ(source.at("tags")[0].at("digest"), "sha256:a");
  EXPECT_EQ(source.at("tags")[0].at("since"), "2026-01-02T03:04:05Z");
  const json churn = json::parse(world_->Get("/api/v1/sources", token).body).at(0);
  EXPECT_EQ(churn.at("kind"), "code");
  EXPECT_TRUE(churn.at("tags").is_null());
}

TEST_F(ImageSources, AreForTokensOfTheirProjects) {
  EXPECT_FALSE(Listed(world_->Token(Role::kViewer, {"churn"})).is_null());
  EXPECT_TRUE(Listed(world_->Token(Role::kViewer, {"risk"})).is_null());
  const std::string path = "/api/v1/sources/churn-image/sync";
  EXPECT_EQ(world_->Call("POST", path, world_->Token(Role::kDeveloper, {"risk"})).status, 403);
  EXPECT_EQ(world_->Call("POST", path, world_->Token(Role::kDeveloper, {"churn"})).status, 202);
  EXPECT_THAT(*world_->asked.syncs.Lock(), testing::ElementsAre("churn-image"));
}

TEST_F(ImageSources, DoNotMakeAProjectThatCanBeRun) {
  const auto answer = world_->Call(
      "POST", "/api/v1/projects/churn-image/run", world_->Token(Role::kDeveloper), "{}");
  EXPECT_EQ(answer.status, 404);
}

}  // namespace
}  // namespace failgate
