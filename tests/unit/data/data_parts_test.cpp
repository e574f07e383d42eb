#include "controller/data/data_parts.h"

#include <gtest/gtest.h>

namespace failgate {
namespace {

const CommitId kOne(std::string(40, '1'));
const CommitId kTwo(std::string(40, '2'));

TEST(DataParts, AreJoinedByNameAndReadBack) {
  const std::map<SourceName, CommitId> sources{{SourceName("sales"), kOne},
                                               {SourceName("labels"), kTwo}};
  const std::string version = JoinDataParts("data/a.csv@sha256:00", sources);
  EXPECT_EQ(version, "data/a.csv@sha256:00; labels@" + kTwo.text() + "; sales@" + kOne.text());
  EXPECT_EQ(DataSourcesOf(version), sources);
  EXPECT_EQ(JoinDataParts("", {{SourceName("sales"), kOne}}), "sales@" + kOne.text());
  EXPECT_EQ(JoinDataParts("", {}), "");
}

TEST(DataParts, OfFilesAreNoSources) {
  EXPECT_TRUE(DataSourcesOf("").empty());
  EXPECT_TRUE(DataSourcesOf("sales@sha256:" + std::string(64, 'a')).empty());
  EXPECT_TRUE(DataSourcesOf("sales@md5:" + std::string(32, 'a')).empty());
  EXPECT_TRUE(DataSourcesOf("2 files@sha256:" + std::string(64, 'a')).empty());
}

TEST(DataParts, CannotBeForgedByTheNameOfAFile) {
  const std::string path = "x; sales@" + kOne.text() + "; y\n";
  const std::string version = EscapeDataPath(path) + "@sha256:" + std::string(64, 'a');
  EXPECT_TRUE(DataSourcesOf(version).empty()) << version;
  EXPECT_EQ(version.find('\n'), std::string::npos);
}

}  // namespace
}  // namespace failgate
