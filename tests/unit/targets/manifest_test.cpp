#include "controller/targets/manifest.h"

#include <gtest/gtest.h>

namespace failgate {
namespace {

Manifest Example() {
  Manifest manifest;
  manifest.project = ProjectName("churn");
  manifest.environment = EnvironmentName("prod");
  manifest.release = ReleaseName("churn-42");
  manifest.spec = "0123456789ab";
  manifest.step = "model";
  manifest.path = "/srv/model";
  manifest.artifacts = {{"model", ArtifactKind::kFile, std::string(64, 'a')},
                        {"tree", ArtifactKind::kFolder, std::string(64, 'b')}};
  manifest.entries = {{"model.bin", EntryKind::kFile, std::string(64, 'a'), 0644, {5, 1, 2, 3}, ""},
                      {"tree", EntryKind::kFolder, "", 0755, {}, ""},
                      {"tree/\xff", EntryKind::kLink, "", 0, {}, "\xfe"}};
  return manifest;
}

TEST(Manifest, ReadsBackWhatItWroteNamesThatAreNoTextIncluded) {
  const auto read = ParseManifest(ManifestToJson(Example()));
  ASSERT_TRUE(read.has_value());
  EXPECT_TRUE(*read == Example());
}

TEST(Manifest, RefusesEveryEdit) {
  const std::string json = ManifestToJson(Example());
  std::string edited = json;
  edited.replace(edited.find("churn-42"), 8, "churn-43");
  EXPECT_FALSE(ParseManifest(edited).has_value());
  EXPECT_FALSE(ParseManifest(json + "\n").has_value());
  EXPECT_FALSE(ParseManifest("{}").has_value());
  EXPECT_FALSE(ParseManifest("").has_value());
}

}  // namespace
}  // namespace failgate
