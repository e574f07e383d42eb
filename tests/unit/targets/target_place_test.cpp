#include "controller/targets/target_place.h"

#include <gtest/gtest.h>

#include "controller/base/error.h"

namespace failgate {
namespace {

Deployable At(const std::string& path) {
  Deployable deployable;
  deployable.release = ReleaseName("churn-42");
  deployable.steps = {DeployStep{"model", {path, {"model"}}, std::nullopt}};
  return deployable;
}

TargetPlace PlaceAt(const std::string& path, const std::vector<std::filesystem::path>& roots) {
  const Deployable deployable = At(path);
  return PlaceOf({EnvironmentName("prod"), ProjectName("churn"), &deployable, &deployable.steps[0]},
                 roots);
}

TEST(TargetPlace, LiesInTheDeepestRootThatContainsThePath) {
  const TargetPlace place = PlaceAt("/srv/a/b/model", {"/srv", "/srv/a/", "/srv/a/bb"});
  EXPECT_EQ(place.root, "/srv/a");
  EXPECT_EQ(place.parent, "b");
  EXPECT_EQ(place.link, "model");
  EXPECT_EQ(place.LinkText(), "/srv/a/.failgate/churn/prod/" + place.version);
}

TEST(TargetPlace, MayBeDirectlyInTheRoot) {
  const TargetPlace place = PlaceAt("/srv/model", {"/srv"});
  EXPECT_EQ(place.parent, "");
  EXPECT_EQ(PlaceAt("/srv/model", {"/"}).LinkText(), "/.failgate/churn/prod/" + place.version);
}

TEST(TargetPlace, RefusesWhatTheServerFileDoesNotAllow) {
  EXPECT_THROW(static_cast<void>(PlaceAt("/srv/model", {})), Error);
  EXPECT_THROW(static_cast<void>(PlaceAt("/srv/model", {"/srv/model"})), Error);
  EXPECT_THROW(static_cast<void>(PlaceAt("/srvx/model", {"/srv"})), Error);
  EXPECT_THROW(static_cast<void>(PlaceAt("/srv/.failgate", {"/srv"})), Error);
}

TEST(StepSpec, DiffersForNamePathAndArtifacts) {
  const DeployStep step{"model", {"/srv/model", {"a", "b"}}, std::nullopt};
  DeployStep other = step;
  other.health = HealthCheck{};
  EXPECT_EQ(StepSpec(step), StepSpec(other));
  EXPECT_EQ(StepSpec(step).size(), 12U);
  other.name = "model2";
  EXPECT_NE(StepSpec(step), StepSpec(other));
  other = step;
  other.directory.artifacts = {"ab"};
  EXPECT_NE(StepSpec(step), StepSpec(other));
  other = step;
  other.directory.path = "/srv/other";
  EXPECT_NE(StepSpec(step), StepSpec(other));
}

}  // namespace
}  // namespace failgate
