#include "controller/watch/delta_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace failgate {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

constexpr const char* kFirst =
    R"({"commitInfo":{"timestamp":1,"operation":"CREATE TABLE AS SELECT"}}
{"protocol":{"minReaderVersion":1,"minWriterVersion":2}}
{"metaData":{"id":"t-1","schemaString":"{}","partitionColumns":[],"configuration":{}}}
{"add":{"path":"day=2026-01-01/part%20a.parquet","size":10,"dataChange":true}}
{"add":{"path":"part-b.parquet","size":20,"dataChange":true}}
)";

std::string FaultOf(const std::string& text) {
  const auto commit = ParseDeltaCommit(text);
  return commit ? "" : commit.error().text;
}

TEST(DeltaCommit, SaysWhatItAddsAndRemoves) {
  const auto commit = ParseDeltaCommit(kFirst);
  ASSERT_TRUE(commit.has_value()) << commit.error().text;
  EXPECT_EQ(commit->table_id, "t-1");
  EXPECT_TRUE(commit->data_change);
  EXPECT_THAT(commit->added,
              ElementsAre(DeltaCommit::Add{"day=2026-01-01/part a.parquet", 10},
                          DeltaCommit::Add{"part-b.parquet", 20}));
}

TEST(DeltaCommit, ChangesNoDataWhenItOnlyMovesRows) {
  const auto commit = ParseDeltaCommit(
      "{\"remove\":{\"path\":\"a\",\"dataChange\":false}}\n"
      "{\"add\":{\"path\":\"b\",\"size\":1,\"dataChange\":false}}");
  ASSERT_TRUE(commit.has_value());
  EXPECT_FALSE(commit->data_change);
  EXPECT_THAT(commit->removed, ElementsAre("a"));
  EXPECT_TRUE(ParseDeltaCommit("{\"remove\":{\"path\":\"a\",\"dataChange\":true}}")->data_change);
  EXPECT_TRUE(ParseDeltaCommit("{\"remove\":{\"path\":\"a\"}}")->data_change) << "nobody denies it";
}

TEST(DeltaCommit, IsRefusedWithWhatToDo) {
  EXPECT_THAT(FaultOf(""), HasSubstr("the commit is empty"));
  EXPECT_THAT(FaultOf("{}\n{\"add\":{\"pa"), HasSubstr("line 2: it is no JSON"));
  EXPECT_THAT(FaultOf("[1]"), HasSubstr("no JSON object"));
  EXPECT_THAT(FaultOf("{\"add\":{\"size\":1}}"), HasSubstr("add has no path"));
  EXPECT_THAT(FaultOf("{\"add\":{\"path\":\"a\"}}"), HasSubstr("add has no size"));
  EXPECT_THAT(FaultOf("{\"metaData\":{}}"), HasSubstr("metaData has no id"));
  for (const char* path : {"/abs", "s3://b/k", "../x", "a/%2e%2e/b", "a%2", "a%zz"}) {
    EXPECT_THAT(FaultOf(std::string("{\"add\":{\"size\":1,\"path\":\"") + path + "\"}}"),
                HasSubstr("lies outside of the table"))
        << path;
  }
  EXPECT_THAT(FaultOf("{\"protocol\":{\"writerFeatures\":[\"catalogManaged\"]}}"),
              HasSubstr("managed by a catalog"));
  EXPECT_THAT(FaultOf("{\"protocol\":{\"readerFeatures\":[\"cipheredFiles\"]}}"),
              HasSubstr("the feature \"cipheredFiles\""));
  EXPECT_EQ(FaultOf("{\"protocol\":{\"readerFeatures\":[\"timestampNtz\",\"variantType\","
                    "\"deletionVectors\"],"
                    "\"writerFeatures\":[\"something new\"]}}"),
            "");
}

TEST(DeltaTable, IsWhatItsCommitsMakeOfIt) {
  DeltaTable table;
  EXPECT_EQ(table.Apply(0, {})->code, "delta_unreadable");
  EXPECT_FALSE(table.Apply(0, *ParseDeltaCommit(kFirst)).has_value());
  DeltaCommit second;
  second.removed = {"part-b.parquet"};
  second.added = {{"part-c.parquet", 5}};
  EXPECT_FALSE(table.Apply(1, second).has_value());
  EXPECT_EQ(table.id(), "t-1");
  EXPECT_EQ(table.version(), 1);
  EXPECT_THAT(table.files(),
              ElementsAre(Pair("day=2026-01-01/part a.parquet", 10), Pair("part-c.parquet", 5)));
}

TEST(DeltaTable, SaysWhichFilesDoNotShowItsRowsUntilTheyAreRewritten) {
  DeltaTable table;
  ASSERT_FALSE(table.Apply(0, *ParseDeltaCommit(kFirst)).has_value());
  EXPECT_FALSE(table.FaultOfFiles().has_value());
  const auto masked = ParseDeltaCommit(
      "{\"remove\":{\"path\":\"part-b.parquet\",\"dataChange\":true}}\n"
      "{\"add\":{\"path\":\"part-b.parquet\",\"size\":20,\"dataChange\":true,"
      "\"deletionVector\":{\"storageType\":\"u\"}}}");
  ASSERT_FALSE(table.Apply(1, *masked).has_value());
  EXPECT_THAT(table.FaultOfFiles()->text,
              HasSubstr("\"part-b.parquet\" are deleted by a deletion"));
  const auto rewritten = ParseDeltaCommit(
      "{\"remove\":{\"path\":\"part-b.parquet\",\"dataChange\":false,"
      "\"deletionVector\":{\"storageType\":\"u\"}}}\n"
      "{\"add\":{\"path\":\"part-c.parquet\",\"size\":9,\"dataChange\":false,"
      "\"deletionVector\":null}}");
  ASSERT_FALSE(table.Apply(2, *rewritten).has_value());
  EXPECT_FALSE(table.FaultOfFiles().has_value());
}

/// metaData with a schema of one column, whose type is `type`.
std::string Mapped(const std::string& mode, const std::string& physical) {
  return R"({"metaData":{"id":"t","configuration":{"delta.columnMapping.mode":")" + mode +
         R"("},"schemaString":"{\"type\":\"struct\",\"fields\":[{\"name\":\"all\",\"metadata\":)"
         R"({\"delta.columnMapping.physicalName\":\"all\"},\"type\":{\"type\":\"array\",)"
         R"(\"elementType\":{\"type\":\"struct\",\"fields\":[{\"name\":\"age\",\"type\":\"long\",)"
         R"(\"metadata\":{\"delta.columnMapping.physicalName\":\")" +
         physical + R"(\"}}]}}}]}"}})";
}

TEST(DeltaTable, IsRefusedWhileItsFilesCallAColumnOtherwise) {
  for (const char* mode : {"name", "id"}) {
    DeltaTable table;
    const auto mapped = ParseDeltaCommit(Mapped(mode, "col-1"));
    ASSERT_TRUE(mapped.has_value()) << mapped.error().text;
    ASSERT_FALSE(table.Apply(0, *mapped).has_value());
    EXPECT_THAT(table.FaultOfFiles()->text, HasSubstr("call the column \"age\" otherwise")) << mode;
    ASSERT_FALSE(table.Apply(1, *ParseDeltaCommit(Mapped(mode, "age"))).has_value());
    EXPECT_FALSE(table.FaultOfFiles().has_value());
  }
  DeltaTable table;
  ASSERT_FALSE(table.Apply(0, *ParseDeltaCommit(Mapped("none", "col-1"))).has_value());
  EXPECT_FALSE(table.FaultOfFiles().has_value());
  EXPECT_THAT(
      FaultOf(R"({"metaData":{"id":"t","configuration":{"delta.columnMapping.mode":"id"}}})"),
      HasSubstr("metaData has no schema"));
}

TEST(DeltaListing, FindsCommitsAndWhereALogWasCut) {
  EXPECT_EQ(DeltaCommitName(17), "00000000000000000017.json");
  const DeltaListing whole =
      ReadDeltaListing({"_last_checkpoint",
                        DeltaCommitName(1),
                        DeltaCommitName(0),
                        DeltaCommitName(2) + "#1",
                        "00000000000000000001.crc",
                        "00000000000000000000.00000000000000000001.compacted.json",
                        ".tmp"});
  EXPECT_THAT(whole.commits, ElementsAre(0, 1));
  EXPECT_EQ(whole.LastFrom(0), 1);
  EXPECT_EQ(whole.LastFrom(1), 1);
  EXPECT_FALSE(whole.LastFrom(2).has_value());
  EXPECT_FALSE(whole.checkpoint.has_value());
  EXPECT_EQ(whole.Highest(), 1);
  const DeltaListing cut = ReadDeltaListing({"00000000000000000010.checkpoint.parquet",
                                             DeltaCommitName(3),
                                             DeltaCommitName(11),
                                             DeltaCommitName(13)});
  EXPECT_FALSE(cut.LastFrom(4).has_value());
  EXPECT_EQ(cut.LastFrom(11), 11) << "commit 12 is not there yet";
  EXPECT_EQ(cut.checkpoint, 10);
  EXPECT_EQ(cut.Highest(), 13);
  EXPECT_EQ(ReadDeltaListing({"x.json", "0000000000000000001x.json"}).Highest(), -1);
}

}  // namespace
}  // namespace failgate
