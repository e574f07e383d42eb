// The gate `artifacts` over a ladder: what a run's artifacts are goes with the release.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/base/digest.h"
#include "tests/integration/promotion/ladder_world.h"

namespace failgate {
namespace {

using testing::HasSubstr;

class JudgedArtifacts : public testing::Test {
 protected:
  void Ask(const std::string& gate) {
    world_.EditMain({{"environments/recette/environment.yaml",
                      "after: dev\npolicy: deployment\ngates:\n  artifacts: " + gate + "\n"}},
                    "Judge artifacts");
  }
  void Release(const std::string& content) {
    world_.PassRun({5, 2, 90, content});
    world_.Turn();
  }

  LadderWorld world_;
};

TEST_F(JudgedArtifacts, GetInWhenTheirBytesAreAllowed) {
  Ask("{allow: [text], deny: [runs-code], max_size: 1KiB}");
  Release("one");
  EXPECT_EQ(world_.Live("recette"), "one") << world_.Status("recette").text;
  world_.ExpectProven();
}

TEST_F(JudgedArtifacts, StayOutWhenTheyRunCode) {
  Ask("{deny: [runs-code]}");
  Release("one");
  Release("N.and what follows a pickle");
  EXPECT_EQ(world_.Live("dev"), "N.and what follows a pickle");
  EXPECT_EQ(world_.Live("recette"), "one");
  EXPECT_THAT(world_.Status("recette").text, HasSubstr("app is pickle, which runs code"));
  world_.ExpectProven();
}

TEST_F(JudgedArtifacts, GetInByAWaiverForTheseBytes) {
  Ask("{deny: [pickle]}");
  Release("N.");
  EXPECT_EQ(world_.Live("recette"), "");
  Ask("{deny: [pickle], waivers: [{artifact: app, digest: 'sha256:" + Sha256Hex("N.") +
      "', until: 2999-01-01, reason: known}]}");
  EXPECT_EQ(world_.Live("recette"), "N.") << world_.Status("recette").text;
  world_.ExpectProven();
}

}  // namespace
}  // namespace failgate
