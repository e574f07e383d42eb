#include "controller/watch/watched_data.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/base/digest.h"
#include "controller/watch/file_watch.h"

namespace failgate {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(DataVersion, NamesEachWatchBehindGit) {
  const std::vector<WatchedPart> parts{{"clicks", "delta:t:17:sha256:ab"}, {"sales", "none"}};
  const std::string data = JoinDataVersion("data/a; b@sha256:00", parts);
  EXPECT_EQ(data, "data/a; b@sha256:00; clicks@delta:t:17:sha256:ab; sales@none");
  EXPECT_EQ(WatchedPartsOf(data, {"clicks", "sales"}), parts);
  EXPECT_EQ(JoinDataVersion("", parts), "clicks@delta:t:17:sha256:ab; sales@none");
  EXPECT_EQ(WatchedPartsOf(JoinDataVersion("", parts), {"clicks", "sales"}), parts);
  EXPECT_EQ(JoinDataVersion("a@sha256:00", {}), "a@sha256:00");
}

TEST(DataVersion, HasNoPartOfAWatchThatItDoesNotName) {
  EXPECT_THAT(WatchedPartsOf("sales@sha256:00", {"clicks"}), IsEmpty());
  EXPECT_THAT(WatchedPartsOf("", {"clicks"}), IsEmpty());
  EXPECT_THAT(WatchedPartsOf("sales2@sha256:00", {"sales"}), IsEmpty());
  EXPECT_THAT(WatchedPartsOf("sales@sha256:00", {"clicks", "sales"}),
              ElementsAre(WatchedPart{"sales", "sha256:00"}));
}

TEST(NameOfFiles, IsThatOfTheOnlyFileOrOfAll) {
  const std::string a(64, 'a');
  const std::string b(64, 'b');
  EXPECT_EQ(NameOfFiles({}), "none");
  EXPECT_EQ(NameOfFiles({{"x", a, 1}}), "sha256:" + a);
  EXPECT_EQ(
      NameOfFiles({{"x", a, 1}, {"y", b, 1}}),
      "sha256:" + Sha256Hex(std::string("x\0", 2) + a + "\n" + std::string("y\0", 2) + b + "\n"));
  EXPECT_NE(NameOfFiles({{"x", a, 1}, {"y", b, 1}}), NameOfFiles({{"x", b, 1}, {"y", a, 1}}));
}

}  // namespace
}  // namespace failgate
