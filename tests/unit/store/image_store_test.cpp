#include "controller/store/image_store.h"

#include <gtest/gtest.h>

#include "tests/unit/store/store_world.h"

namespace failgate {
namespace {

const SourceName kImage("churn-image");

TEST(ImageStore, KnowsTheDigestOfEachTagAndSinceWhen) {
  StoreWorld world;
  ImageStore store(world.database, world.clock);
  store.Change(kImage, {{"v2", "sha256:b"}, {"v1", "sha256:a"}}, {});
  const TimePoint first = world.clock.Now();
  world.clock.Advance(std::chrono::hours(1));
  store.Change(kImage, {{"v1", "sha256:a"}, {"v2", "sha256:c"}}, {});
  const auto tags = store.All(kImage);
  ASSERT_EQ(tags.size(), 2U);
  EXPECT_EQ(tags[0].tag, "v1");
  EXPECT_EQ(tags[0].since, first) << "it did not move";
  EXPECT_EQ(tags[1].digest, "sha256:c");
  EXPECT_EQ(tags[1].since, world.clock.Now());
}

TEST(ImageStore, KeepsImagesApartAndForgetsWhatWent) {
  StoreWorld world;
  ImageStore store(world.database, world.clock);
  store.Change(kImage, {{"v1", "sha256:a"}}, {});
  store.Change(SourceName("other"), {{"v1", "sha256:b"}}, {});
  store.Change(kImage, {}, {"v1", "never-there"});
  EXPECT_TRUE(store.Digests(kImage).empty());
  EXPECT_EQ(store.Digests(SourceName("other")), (ImageDigests{{"v1", "sha256:b"}}));
}

}  // namespace
}  // namespace failgate
