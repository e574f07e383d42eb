#include "controller/store/deployment_store.h"

#include <gtest/gtest.h>

#include "tests/unit/store/store_world.h"

namespace failgate {
namespace {

struct DeploymentWorld : StoreWorld {
  DeploymentStore deployments{database, clock};
  std::optional<Deployment> Begin(const std::string& release, const std::string& place = "prod") {
    Deployment deployment;
    deployment.environment = EnvironmentName(place);
    deployment.project = ProjectName("churn");
    deployment.release = ReleaseName(release);
    deployment.spec = "sha256:s";
    deployment.decision = "sha256:d";
    return deployments.Begin(deployment);
  }
};

TEST(DeploymentStore, AllowsOneUnfinishedDeploymentAPlace) {
  DeploymentWorld world;
  const std::optional<Deployment> first = world.Begin("churn-1");
  ASSERT_TRUE(first.has_value());
  EXPECT_FALSE(world.Begin("churn-2").has_value());
  EXPECT_TRUE(world.Begin("churn-2", "dev").has_value());
  EXPECT_EQ(world.deployments.AllUnfinished().size(), 2U);
  world.deployments.Update(first->id, DeploymentState::kDone, "[]", "");
  EXPECT_TRUE(world.Begin("churn-2").has_value());
}

TEST(DeploymentStore, CountsAttemptsOfTheSameDecision) {
  DeploymentWorld world;
  const std::optional<Deployment> first = world.Begin("churn-1");
  world.deployments.Update(first->id, DeploymentState::kFailed, "[]", "health failed");
  EXPECT_EQ(world.Begin("churn-1")->attempt, 2);
}

TEST(DeploymentStore, KeepsStateUntilItIsFinishedAndThenForGood) {
  DeploymentWorld world;
  const std::string id = world.Begin("churn-1")->id;
  EXPECT_TRUE(world.deployments.Update(id, DeploymentState::kRollingBack, "[1]", "health"));
  const std::optional<Deployment> open =
      world.deployments.Unfinished(EnvironmentName("prod"), ProjectName("churn"));
  EXPECT_EQ(open->state, DeploymentState::kRollingBack);
  EXPECT_EQ(open->steps_json, "[1]");
  EXPECT_TRUE(world.deployments.Update(id, DeploymentState::kFailed, "[2]", "health"));
  EXPECT_FALSE(world.deployments.Update(id, DeploymentState::kDone, "[3]", ""));
  EXPECT_EQ(world.deployments.Get(id)->state, DeploymentState::kFailed);
  EXPECT_EQ(world.deployments.Get(id)->finished, world.clock.Now());
}

TEST(DeploymentStore, ListsNewestFirst) {
  DeploymentWorld world;
  world.Begin("churn-1");
  const std::string newest = world.Begin("churn-1", "dev")->id;
  DeploymentFilter filter;
  EXPECT_EQ(world.deployments.List(filter).at(0).id, newest);
  filter.environment = EnvironmentName("prod");
  EXPECT_EQ(world.deployments.List(filter).size(), 1U);
  filter.before = newest;
  filter.limit = 0;
  EXPECT_TRUE(world.deployments.List(filter).empty());
}

}  // namespace
}  // namespace failgate
