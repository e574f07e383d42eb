// Outputs of DVC in a folder laid out as its remote, by hand.
#include <fmt/format.h>

#include "controller/data/md5.h"
#include "tests/integration/data/data_world.h"

namespace failgate {
namespace {

using ::testing::HasSubstr;

std::string Md5Of(const std::string& bytes) {
  Md5 md5;
  md5.Update(bytes);
  return md5.FinishHex();
}

class DvcWorld : public DataWorld {
 protected:
  DvcWorld() {
    access_[SourceName("churn")].dvc_remote = remote();
    Restart();
  }
  [[nodiscard]] std::filesystem::path remote() const { return folder_.path() / "dvc-remote"; }
  /// As DVC 3 lays it down, or DVC 2; `md5` may be that of other bytes.
  void Keep(const std::string& md5, const std::string& bytes, bool former, const char* end = "") {
    const auto root = former ? remote() : remote() / "files/md5";
    const auto path = root / md5.substr(0, 2) / (md5.substr(2) + end);
    CreateFolders(path.parent_path());
    WriteFileDurably(path, bytes);
  }
  static std::string Out(const std::string& path, const std::string& md5, bool former = false) {
    return fmt::format(
        "outs:\n- md5: {}\n  path: {}\n{}", md5, path, former ? "" : "  hash: md5\n");
  }
};

TEST_F(DvcWorld, PutsTheFileBesideItsDvcFile) {
  Keep(Md5Of("a,b\n"), "a,b\n", false);
  git_.Commit({{"data/a.csv.dvc", Out("a.csv", Md5Of("a,b\n"))}}, "data");
  Export();
  const Result<DataObjects> placed = Place();
  ASSERT_TRUE(placed.has_value()) << placed.error().text;
  EXPECT_EQ(*placed, (DataObjects{1, 4}));
  EXPECT_EQ(InWorkspace("data/a.csv"), "a,b\n");
}

TEST_F(DvcWorld, TakesTextOfDvc2WithItsOwnLineEnds) {
  Keep(Md5Of("a,b\n"), "a,b\r\n", true);
  git_.Commit({{"a.csv.dvc", Out("a.csv", Md5Of("a,b\n"), true)}}, "data");
  Export();
  ASSERT_TRUE(Place().has_value()) << Place().error().text;
  EXPECT_EQ(InWorkspace("a.csv"), "a,b\r\n");
}

TEST_F(DvcWorld, HoldsDvc3ToTheBytesThemselves) {
  Keep(Md5Of("a,b\n"), "a,b\r\n", false);
  git_.Commit({{"a.csv.dvc", Out("a.csv", Md5Of("a,b\n"))}}, "data");
  Export();
  EXPECT_EQ(Place().error().code, "data_damaged");
}

TEST_F(DvcWorld, CountsWhatWasBroughtWhateverTheFileSaysOfItsSize) {
  Keep(Md5Of("a,b\n"), "a,b\n", false);
  git_.Commit({{"a.csv.dvc", Out("a.csv", Md5Of("a,b\n"))}}, "data");
  Export();
  max_bytes_ = 3;
  EXPECT_EQ(Place().error().code, "data_too_large");
  EXPECT_FALSE(std::filesystem::exists(workspace_ / "a.csv"));
}

TEST_F(DvcWorld, LaysDownAFolderByItsListing) {
  Keep(Md5Of("one"), "one", false);
  Keep(Md5Of("two"), "two", false);
  const std::string listing =
      fmt::format(R"([{{"md5": "{}", "relpath": "a/1.png"}}, {{"md5": "{}", "relpath": "2.png"}}])",
                  Md5Of("one"),
                  Md5Of("two"));
  Keep(Md5Of(listing), listing, false, ".dir");
  git_.Commit({{"images.dvc", Out("images", Md5Of(listing) + ".dir")}}, "data");
  Export();
  const Result<DataObjects> placed = Place();
  ASSERT_TRUE(placed.has_value()) << placed.error().text;
  EXPECT_EQ(placed->count, 2);
  EXPECT_EQ(InWorkspace("images/a/1.png"), "one");
  EXPECT_EQ(InWorkspace("images/2.png"), "two");
}

TEST_F(DvcWorld, LetsNoListingLeaveItsFolder) {
  Keep(Md5Of("one"), "one", false);
  const std::string listing =
      fmt::format(R"([{{"md5": "{}", "relpath": "../../escaped"}}])", Md5Of("one"));
  Keep(Md5Of(listing), listing, false, ".dir");
  git_.Commit({{"images.dvc", Out("images", Md5Of(listing) + ".dir")}}, "data");
  Export();
  EXPECT_EQ(Place().error().code, "invalid_dvc");
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "escaped"));
}

TEST_F(DvcWorld, RefusesWhatIsNotInTheRemote) {
  git_.Commit({{"a.csv.dvc", Out("a.csv", Md5Of("a"))}}, "data");
  Export();
  const Result<DataObjects> placed = Place();
  ASSERT_FALSE(placed.has_value());
  EXPECT_THAT(placed.error().text, HasSubstr("is not in the store: `dvc push` it"));
}

TEST_F(DvcWorld, TakesThePlaceOfBytesFromTheServerFileOnly) {
  Keep(Md5Of("a"), "a", false);
  git_.Commit(
      {{"a.csv.dvc", Out("a.csv", Md5Of("a"))},
       {".dvc/config",
        "[core]\n  remote = here\n['remote \"here\"']\n  url = " + remote().string() + "\n"}},
      "data");
  Export();
  access_[SourceName("churn")].dvc_remote.reset();
  Restart();
  EXPECT_THAT(Place().error().text, HasSubstr("write `dvc: {remote: FOLDER}` for source churn"));
}

TEST_F(DvcWorld, LooksOnlyAtFilesThatAreDataOfThePipeline) {
  git_.Commit({{"old/a.csv.dvc", Out("a.csv", Md5Of("a"))}}, "data");
  Export();
  paths_ = {"data/**"};
  EXPECT_EQ(Place().value(), (DataObjects{0, 0}));
}

TEST_F(DvcWorld, TakesTheBytesOfGitWhereAStageDoesNotCacheThem) {
  const std::string lock =
      "schema: '2.0'\nstages:\n  s:\n    cmd: x\n    outs:\n    - {path: m.json, "
      "hash: md5, md5: " +
      Md5Of("{}") + "}\n";
  git_.Commit({{"dvc.lock", lock}, {"m.json", "{}"}}, "data");
  Export();
  EXPECT_TRUE(Place().has_value());
  git_.Commit({{"a.dvc", Out("m.json", Md5Of("{}"))}}, "twice");
  Export();
  EXPECT_EQ(Place().error().code, "data_place_taken");
}

}  // namespace
}  // namespace failgate
