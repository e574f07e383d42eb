#include "controller/artifacts/artifact_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <functional>
#include <iterator>
#include <vector>

#include "controller/base/digest.h"
#include "controller/base/durable_file.h"
#include "controller/base/error.h"

namespace failgate {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class Artifacts : public ::testing::Test {
 protected:
  void Write(const std::string& path, const std::string& bytes, mode_t mode = 0644) {
    fs::create_directories((workspace_ / path).parent_path());
    std::ofstream(workspace_ / path, std::ios::binary) << bytes;
    ASSERT_EQ(chmod((workspace_ / path).c_str(), mode), 0);
  }
  StoredArtifact Put(const std::string& path) {
    const auto stored = store_.Put(workspace_, path);
    EXPECT_TRUE(stored.has_value()) << stored.error().text;
    return stored.value();
  }
  fs::path ObjectOf(const StoredArtifact& stored) {
    const std::string& sha = stored.bytes.sha256;
    return store_.root() / "objects" / sha.substr(0, 2) / sha.substr(2);
  }
  bool NothingStaged() { return fs::is_empty(store_.root() / "tmp"); }
  void Damage(const StoredArtifact& stored) {
    fs::permissions(ObjectOf(stored), fs::perms::owner_all);
    std::fstream file(ObjectOf(stored), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(3);
    file.put('!');
  }

  TemporaryFolder temporary_;
  fs::path workspace_ = temporary_.path() / "work";
  fs::path out_ = temporary_.path() / "out";
  ArtifactStore store_{temporary_.path() / "store"};
};

TEST_F(Artifacts, given_a_file_when_stored_then_it_comes_back_by_its_digest) {
  Write("out/app", "binary bytes", 0755);
  const StoredArtifact stored = Put("out/app");
  EXPECT_EQ(stored.bytes.sha256, Sha256Hex("binary bytes"));
  EXPECT_EQ(stored.base_name, "app");
  EXPECT_EQ(stored.size, 12);
  EXPECT_TRUE(stored.bytes.executable);
  EXPECT_TRUE(store_.Has(stored.bytes.sha256));
  EXPECT_EQ(store_.Size(stored.bytes.sha256), 12);
  store_.Verify(stored.bytes.sha256);
  const auto files =
      store_.Materialise(stored.bytes, out_ / "x/app", ArtifactStore::Durability::kSynced);
  EXPECT_EQ(ReadFile(out_ / "x/app"), "binary bytes");
  EXPECT_EQ(fs::status(out_ / "x/app").permissions(), static_cast<fs::perms>(0755));
  ASSERT_EQ(files.size(), 1U);
  EXPECT_EQ(files.at(0).sha256, stored.bytes.sha256);
  EXPECT_EQ(Put("out/app"), stored);
  EXPECT_TRUE(NothingStaged());
}

TEST_F(Artifacts, given_files_when_stored_then_it_is_told_what_their_bytes_are) {
  Write("model", "N.");
  const ArtifactContents file{1, 2, {{"pickle", LoadSafety::kCode, 1, "", ""}}};
  EXPECT_EQ(Put("model").contents, file);
  Write("folder/b/text.pkl", "only its name is that of a pickle");
  Write("folder/a.txt", "N.");
  Write("folder/z.txt", "text");
  Write("folder/none", "");
  ArtifactContents folder;
  folder.files = 4;
  folder.bytes = 39;
  folder.formats = {{"empty", LoadSafety::kData, 1, "none", ""},
                    {"pickle", LoadSafety::kCode, 1, "a.txt", ""},
                    {"text", LoadSafety::kData, 2, "b/text.pkl", ""}};
  EXPECT_EQ(Put("folder").contents, folder);
}

TEST_F(Artifacts, given_equal_folders_when_stored_then_the_archive_is_the_same_and_comes_back) {
  for (const std::string folder : {"one/model", "two/model"}) {
    const bool reversed = folder == "two/model";
    Write(folder + (reversed ? "/z" : "/a/b"), reversed ? "zz" : "bb", reversed ? 0755 : 0600);
    Write(folder + (reversed ? "/a/b" : "/z"), reversed ? "bb" : "zz", reversed ? 0644 : 0700);
    Write(folder + "/caf\xC3\xA9/" + std::string(120, 'n'), "long name");
    fs::create_directories(workspace_ / folder / "empty");
    fs::create_symlink("../z", workspace_ / folder / "a/link");
  }
  const StoredArtifact stored = Put("one/model");
  EXPECT_EQ(Put("two/model").bytes, stored.bytes);
  EXPECT_EQ(stored.bytes.kind, ArtifactKind::kFolder);
  const auto files =
      store_.Materialise(stored.bytes, out_ / "model", ArtifactStore::Durability::kSynced);
  EXPECT_EQ(files.size(), 4U);
  EXPECT_EQ(ReadFile(out_ / "model/a/link"), "zz");
  EXPECT_EQ(ReadFile(out_ / "model/caf\xC3\xA9" / std::string(120, 'n')), "long name");
  EXPECT_TRUE(fs::is_directory(out_ / "model/empty"));
  EXPECT_EQ(fs::status(out_ / "model").permissions(), static_cast<fs::perms>(0755));
  EXPECT_EQ(fs::status(out_ / "model/z").permissions(), static_cast<fs::perms>(0755));
  EXPECT_EQ(std::distance(fs::directory_iterator(out_), fs::directory_iterator()), 1);
}

TEST_F(Artifacts, given_damaged_bytes_when_read_then_nothing_appears_and_the_digest_is_named) {
  Write("file", "good bytes");
  Write("folder/file", "good bytes");
  for (const std::string name : {"file", "folder"}) {
    const StoredArtifact stored = Put(name);
    Damage(stored);
    for (const auto& read : std::vector<std::function<void()>>{
             [&] { store_.Verify(stored.bytes.sha256); },
             [&] {
               store_.Materialise(stored.bytes, out_ / name, ArtifactStore::Durability::kCached);
             }}) {
      try {
        read();
        ADD_FAILURE() << name << " was taken";
      } catch (const Error& error) {
        EXPECT_EQ(error.remedy(), Remedy::kNeedsChange);
        EXPECT_THAT(error.what(), HasSubstr(stored.bytes.sha256));
      }
    }
    EXPECT_FALSE(fs::exists(out_ / name));
    EXPECT_EQ(Put(name), stored) << "the same bytes heal the store";
    store_.Verify(stored.bytes.sha256);
  }
}

TEST_F(Artifacts, given_lost_bytes_when_read_then_the_digest_is_named) {
  const std::string sha(64, 'a');
  EXPECT_FALSE(store_.Has(sha));
  EXPECT_THROW(store_.Verify(sha), Error);
  EXPECT_THROW(static_cast<void>(store_.Size(sha)), Error);
  EXPECT_THROW(static_cast<void>(store_.Has("../x")), Error);
}

TEST_F(Artifacts, given_something_in_the_way_when_written_then_only_a_file_is_replaced) {
  Write("file", "new");
  Write("folder/file", "new");
  const StoredArtifact file = Put("file");
  const StoredArtifact folder = Put("folder");
  fs::create_directories(out_ / "taken");
  fs::create_symlink("/etc/hostname", out_ / "link");
  std::ofstream(out_ / "old") << "old";
  constexpr auto kCached = ArtifactStore::Durability::kCached;
  EXPECT_THROW(store_.Materialise(file.bytes, out_ / "taken", kCached), Error);
  EXPECT_THROW(store_.Materialise(file.bytes, out_ / "link", kCached), Error);
  EXPECT_THROW(store_.Materialise(folder.bytes, out_ / "taken", kCached), Error);
  EXPECT_THROW(store_.Materialise(folder.bytes, out_ / "old", kCached), Error);
  store_.Materialise(file.bytes, out_ / "old", kCached);
  EXPECT_EQ(ReadFile(out_ / "old"), "new");
}

TEST_F(Artifacts, given_an_interrupted_put_when_started_again_then_its_rest_is_gone) {
  std::ofstream(store_.root() / "tmp" / "put-half") << "half";
  const ArtifactStore again(store_.root());
  EXPECT_TRUE(NothingStaged());
}

}  // namespace
}  // namespace failgate
