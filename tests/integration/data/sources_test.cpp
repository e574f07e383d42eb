// Trees of sources of kind data, in the workspace of a step.
#include "controller/data/data_parts.h"
#include "tests/integration/data/data_world.h"

namespace failgate {
namespace {

using ::testing::HasSubstr;

class DataSourceWorld : public DataWorld {
 protected:
  DataSourceWorld() : sales_(folder_.path() / "git", "sales") {
    access_[SourceName("sales")].remote = [this] {
      RemoteConfig config;
      config.url = "file://" + sales_.origin().string();
      config.home = folder_.path() / "git-home";
      return config;
    };
    Restart();
    git_.Commit({{"train.py", "x\n"}, {"data/own.csv", "o\n"}}, "code");
    Export();
  }
  PlacedDataSource Sales(const std::string& at) {
    sales_.Push();
    Mirror(sales_, "sales");
    return {
        SourceName("sales"), CommitId(sales_.git().Run(sales_.clone(), {"rev-parse", "HEAD"})), at};
  }

  GitWorld sales_;
};

TEST_F(DataSourceWorld, LieAtTheirPlaceWithTheBytesOfTheirOwnStore) {
  UseLfs(sales_);
  sales_.Commit({{"2026/rows.bin", "bytes of it"}, {"README", "r\n"}}, "sales");
  const Result<DataObjects> placed = Place({Sales("data/sales")});
  ASSERT_TRUE(placed.has_value()) << placed.error().text;
  EXPECT_EQ(*placed, (DataObjects{1, 11}));
  EXPECT_EQ(InWorkspace("data/sales/2026/rows.bin"), "bytes of it");
  EXPECT_EQ(InWorkspace("data/sales/README"), "r\n");
  EXPECT_EQ(InWorkspace("data/own.csv"), "o\n");
}

TEST_F(DataSourceWorld, AreNotLaidOverTheCode) {
  sales_.Commit({{"README", "r\n"}}, "sales");
  EXPECT_THAT(Place({Sales("data")}).error().text, HasSubstr("which the code has itself"));
}

TEST_F(DataSourceWorld, MustBeOfTheServerFile) {
  sales_.Commit({{"README", "r\n"}}, "sales");
  PlacedDataSource gone = Sales("data/gone");
  access_.erase(SourceName("sales"));
  Restart();
  EXPECT_EQ(Place({gone}).error().code, "data_unreachable");
}

}  // namespace
}  // namespace failgate
