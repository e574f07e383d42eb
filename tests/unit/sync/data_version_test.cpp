#include "controller/sync/data_version.h"

#include <gtest/gtest.h>

#include "controller/base/digest.h"

namespace failgate {
namespace {

const std::string kOne(64, '1');
const std::string kTwo(64, '2');

TEST(DataVersion, IsEmptyWithoutFiles) {
  EXPECT_EQ(FormatDataVersion({}), "");
}

TEST(DataVersion, NamesTheOneFile) {
  EXPECT_EQ(FormatDataVersion({{"data/a.csv", kOne}}), "data/a.csv@sha256:" + kOne);
}

TEST(DataVersion, StaysOneLineForAnyName) {
  EXPECT_EQ(FormatDataVersion({{"a\nFact: forged", kOne}}).find('\n'), std::string::npos);
}

TEST(DataVersion, DigestsManyFilesInTheOrderOfTheirPaths) {
  const std::string lines =
      std::string("a") + '\0' + kOne + "\n" + std::string("b") + '\0' + kTwo + "\n";
  const std::string version = "2 files@sha256:" + Sha256Hex(lines);
  EXPECT_EQ(FormatDataVersion({{"a", kOne}, {"b", kTwo}}), version);
  EXPECT_EQ(FormatDataVersion({{"b", kTwo}, {"a", kOne}}), version);
}

TEST(DataVersion, NamesWhatDvcNames) {
  EXPECT_EQ(FormatDataVersion({{"data/a", "", "md5:00.dir"}}), "data/a@md5:00.dir");
  const std::string lines = std::string("a") + '\0' + kOne + "\nb" + '\0' + "md5:00\n";
  EXPECT_EQ(FormatDataVersion({{"b", "", "md5:00"}, {"a", kOne}}),
            "2 files@sha256:" + Sha256Hex(lines));
}

TEST(DataVersion, LooksLikeOnePartForAnyName) {
  EXPECT_EQ(FormatDataVersion({{"a; b", kOne}}), "a\\u003b b@sha256:" + kOne);
}

TEST(LfsDigest, ReadsPointersOnly) {
  const std::string pointer =
      "version https://git-lfs.github.com/spec/v1\noid sha256:" + kOne + "\nsize 12\n";
  EXPECT_EQ(LfsDigest(pointer), kOne);
  EXPECT_EQ(LfsDigest("a,b\n1,2\n"), std::nullopt);
  EXPECT_EQ(LfsDigest("version https://git-lfs.github.com/spec/v1\noid sha256:short\n"),
            std::nullopt);
  EXPECT_EQ(LfsDigest(pointer + std::string(2000, 'x')), std::nullopt);
}

}  // namespace
}  // namespace failgate
