// A real Gitea sends what its people push, and what its test button sends.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/functional/clients/real_gitea.h"
#include "tests/functional/serve/installation.h"

namespace failgate {
namespace {

using Json = nlohmann::json;

class Gitea : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!RealGitea::Program()) {
      // Not a skip that anybody overlooks, and not one that a machine without Gitea must mend.
      RecordProperty("needs", "FAILGATE_TEST_GITEA: the program of a Gitea");
      GTEST_SKIP() << "name the program of a Gitea in FAILGATE_TEST_GITEA";
    }
    gitea_ = std::make_unique<RealGitea>(folder_.path() / "gitea");
    gitea_->Call("POST", "/user/repos", {{"name", "shop"}, {"default_branch", "main"}});
    world_ = std::make_unique<Installation>(std::vector<InstalledSource>{
        {"shop", "gitea", "1h", gitea_->url() + "/dana/shop.git", ""}});
    world_->Git(world_->work("shop"), {"remote", "set-url", "origin", gitea_->PushUrl("shop")});
    world_->Start();
  }
  ~Gitea() override {
    if (HasFailure() && world_) std::fputs(world_->log().c_str(), stderr);
  }

  /// The id of the hook.
  long Hook(const std::string& content_type, const std::string& secret) {
    return gitea_
        ->Call("POST",
               "/repos/dana/shop/hooks",
               {{"type", "gitea"},
                {"active", true},
                {"events", {"push"}},
                {"config",
                 {{"url", world_->url() + "/hooks/shop"},
                  {"content_type", content_type},
                  {"secret", secret}}}})
        .at("id")
        .get<long>();
  }
  void PressTestButton(long hook) {
    gitea_->Call("POST", fmt::format("/repos/dana/shop/hooks/{}/tests", hook));
  }
  /// Newest first.
  Json AwaitDeliveries(std::size_t count) {
    Json deliveries;
    world_->WaitFor(fmt::format("{} deliveries have an outcome", count), [&] {
      deliveries = world_->Deliveries();
      return deliveries.size() == count &&
             std::all_of(deliveries.begin(), deliveries.end(), [](const Json& delivery) {
               return delivery["status"] == "done" || delivery["status"] == "ignored";
             });
    });
    return deliveries;
  }

  TemporaryFolder folder_;
  std::unique_ptr<RealGitea> gitea_;
  std::unique_ptr<Installation> world_;
};

TEST_F(Gitea, given_a_hook_of_either_kind_when_people_push_then_each_push_is_released) {
  long number = 0;
  for (const char* kind : {"json", "form"}) {
    const long hook = Hook(kind, "shop-hook-secret-1");
    const CommitId head = world_->Push("shop", FilesOf({"shop", kind}));
    const Json run = world_->AwaitRun("shop", head);
    EXPECT_EQ(run["state"], "succeeded") << kind;
    EXPECT_EQ(run["release"], fmt::format("shop-{}", ++number)) << kind;
    world_->AwaitLive("shop", "recette", fmt::format("shop-{}", number));
    const Json deliveries = AwaitDeliveries(static_cast<std::size_t>(number));
    EXPECT_EQ(deliveries[0]["event"], "push") << deliveries.dump();
    gitea_->Call("DELETE", fmt::format("/repos/dana/shop/hooks/{}", hook));
  }
}

TEST_F(Gitea, given_its_test_button_when_pressed_then_it_is_taken_and_nothing_runs_twice) {
  const long hook = Hook("json", "shop-hook-secret-1");
  const CommitId head = world_->Push("shop", FilesOf({"shop", "first"}));
  EXPECT_EQ(world_->AwaitRun("shop", head)["release"], "shop-1");
  PressTestButton(hook);
  const Json deliveries = AwaitDeliveries(2);
  EXPECT_EQ(deliveries[0]["status"], "done") << "looked at, like any push: " << deliveries.dump();
  EXPECT_EQ(world_->Get("/api/v1/runs?project=shop").size(), 1U);
}

TEST_F(Gitea, given_a_wrong_secret_when_people_push_then_nothing_is_taken_until_it_is_right) {
  const long wrong = Hook("json", "somebody-elses-secret");
  const CommitId head = world_->Push("shop", FilesOf({"shop", "first"}));
  world_->WaitFor("the delivery was refused", [&] {
    const auto metrics = world_->Fetch("/metrics");
    return metrics && metrics->body.find("status=\"401\"") != std::string::npos;
  });
  EXPECT_TRUE(world_->Deliveries().empty());
  gitea_->Call("DELETE", fmt::format("/repos/dana/shop/hooks/{}", wrong));
  PressTestButton(Hook("json", "shop-hook-secret-1"));
  EXPECT_EQ(world_->AwaitRun("shop", head)["release"], "shop-1");
}

TEST_F(Gitea, given_many_branches_and_a_tag_when_pushed_at_once_then_only_main_is_released) {
  Hook("json", "shop-hook-secret-1");
  const CommitId head = world_->Push("shop", FilesOf({"shop", "first"}));
  EXPECT_EQ(world_->AwaitRun("shop", head)["release"], "shop-1");
  world_->Git(world_->work("shop"), {"tag", "v1"});
  world_->Git(world_->work("shop"),
              {"push", "-q", "origin", "HEAD:refs/heads/one", "HEAD:refs/heads/two", "v1"});
  world_->Git(world_->work("shop"), {"push", "-q", "origin", ":refs/heads/one"});
  // Of the branch that goes it tells by another event, which the hook did not ask for.
  const Json deliveries = AwaitDeliveries(4);
  EXPECT_TRUE(std::all_of(deliveries.begin(), deliveries.end(), [](const Json& delivery) {
    return delivery["event"] == "push";
  })) << deliveries.dump();
  EXPECT_EQ(world_->Get("/api/v1/projects/shop/releases").size(), 1U);
}

}  // namespace
}  // namespace failgate
