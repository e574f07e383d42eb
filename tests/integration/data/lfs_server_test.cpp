// Objects of git-lfs from a server that speaks its API, brought by the real program.
#include "controller/base/digest.h"
#include "controller/data/lfs_pointer.h"
#include "tests/integration/data/data_world.h"
#include "tests/support/running_program.h"

namespace failgate {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class LfsServerWorld : public DataWorld {
 protected:
  LfsServerWorld()
      : server_({"python3",
                 FAILGATE_SOURCE_DIR "/tests/support/lfs_server.py",
                 Made(objects()).string()},
                folder_.path()) {
    Use("good-token");
  }
  void SetUp() override { ASSERT_TRUE(Port()) << server_.output(); }

  [[nodiscard]] std::filesystem::path objects() const { return folder_.path() / "objects"; }
  std::optional<int> Port() { return server_.AwaitNumber("listening on port "); }
  void Use(const std::string& token) {
    access_[SourceName("churn")].remote = [this, token] {
      RemoteConfig config;
      config.url = "http://127.0.0.1:" + std::to_string(Port().value_or(0)) + "/churn.git";
      config.token = Secret(token);
      config.home = folder_.path() / "git-home";
      return config;
    };
    Restart();
  }
  /// A pointer in the tree; `more` files go with it.
  void CommitPointer(const std::string& bytes, std::map<std::string, std::string> more = {}) {
    more["train.bin"] = FormatLfsPointer({Sha256Hex(bytes), static_cast<long long>(bytes.size())});
    git_.Commit(more, "data");
    Export();
  }

  RunningProgram server_;
};

TEST_F(LfsServerWorld, GivesItsObjectsForTheTokenOfTheSource) {
  WriteFileDurably(objects() / Sha256Hex("bytes of it"), "bytes of it");
  CommitPointer("bytes of it");
  const Result<DataObjects> placed = Place();
  ASSERT_TRUE(placed.has_value()) << placed.error().text;
  EXPECT_EQ(InWorkspace("train.bin"), "bytes of it");
}

TEST_F(LfsServerWorld, LacksAnObject) {
  CommitPointer("bytes of it");
  const Result<DataObjects> placed = Place();
  ASSERT_FALSE(placed.has_value());
  EXPECT_THAT(placed.error().text, HasSubstr("does not exist"));
  EXPECT_THAT(placed.error().text, HasSubstr("(\"train.bin\"): `git lfs push` it to churn"));
}

TEST_F(LfsServerWorld, RefusesAWrongTokenWithoutTellingIt) {
  Use("wrong-token");
  CommitPointer("bytes of it");
  const Result<DataObjects> placed = Place();
  ASSERT_FALSE(placed.has_value());
  EXPECT_EQ(placed.error().code, "data_unreachable");
  EXPECT_THAT(placed.error().text, Not(HasSubstr("wrong-token")));
}

TEST_F(LfsServerWorld, IsTheOneOfTheSourceWhateverTheRepositorySays) {
  WriteFileDurably(objects() / Sha256Hex("bytes of it"), "bytes of it");
  const std::string marker = (folder_.path() / "ran").string();
  CommitPointer("bytes of it",
                {{".lfsconfig",
                  "[lfs]\n\turl = http://127.0.0.1:1/evil\n\tstandalonetransferagent = evil\n"
                  "[lfs \"customtransfer.evil\"]\n\tpath = touch\n\targs = " +
                      marker + "\n"},
                 {".gitattributes", "*.bin filter=lfs\n"}});
  ASSERT_TRUE(Place().has_value()) << Place().error().text;
  EXPECT_EQ(InWorkspace("train.bin"), "bytes of it");
  EXPECT_FALSE(std::filesystem::exists(marker));
}

}  // namespace
}  // namespace failgate
