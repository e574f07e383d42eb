#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "controller/artifacts/artifact_store.h"
#include "controller/artifacts/folder_tree.h"
#include "controller/base/durable_file.h"

namespace failgate {
namespace {

namespace fs = std::filesystem;

class ArtifactRefusals : public ::testing::Test {
 protected:
  void Write(const std::string& path, const std::string& bytes) {
    fs::create_directories((workspace_ / path).parent_path());
    std::ofstream(workspace_ / path, std::ios::binary) << bytes;
  }
  void Link(const std::string& path, const std::string& target) {
    fs::create_directories((workspace_ / path).parent_path());
    fs::create_symlink(target, workspace_ / path);
  }
  std::string CodeOf(const std::string& path) {
    const auto stored = store_.Put(workspace_, path);
    EXPECT_TRUE(fs::is_empty(store_.root() / "tmp"));
    return stored ? "stored" : stored.error().code;
  }

  TemporaryFolder temporary_;
  fs::path workspace_ = temporary_.path();
  ArtifactStore store_{temporary_.path() / "store", {.max_bytes = 1000, .max_entries = 5}};
};

TEST_F(ArtifactRefusals, given_nothing_there_when_stored_then_refused) {
  EXPECT_EQ(CodeOf("absent"), "artifact_missing");
  EXPECT_EQ(CodeOf("absent/file"), "artifact_missing");
  Write("file", "x");
  EXPECT_EQ(CodeOf("file/inside"), "artifact_missing");
  fs::create_directories(workspace_ / "empty/inner");
  EXPECT_EQ(CodeOf("empty"), "artifact_missing");
}

TEST_F(ArtifactRefusals, given_an_unsafe_path_when_stored_then_refused) {
  for (const std::string path : {"../x", "/etc/passwd", "", ".", "a/../../x", ".git/config"}) {
    EXPECT_EQ(CodeOf(path), "artifact_unsafe_name") << path;
  }
  Write("folder/bad\nname", "x");
  EXPECT_EQ(CodeOf("folder"), "artifact_unsafe_name");
}

TEST_F(ArtifactRefusals, given_links_when_stored_then_those_that_may_leave_are_refused) {
  Write("file", "x");
  Link("link", "file");
  EXPECT_EQ(CodeOf("link"), "artifact_link");
  Link("etc", "/etc");
  EXPECT_EQ(CodeOf("etc/hostname"), "artifact_missing");
  Write("folder/file", "x");
  Link("folder/out", "/etc/hostname");
  EXPECT_EQ(CodeOf("folder"), "artifact_link_outside");
  EXPECT_TRUE(LinkStaysInside("a/b/link", "../../x"));
  EXPECT_FALSE(LinkStaysInside("a/b/link", "../../../x"));
  EXPECT_FALSE(LinkStaysInside("link", "a/../b"));
  EXPECT_FALSE(LinkStaysInside("link", ""));
}

TEST_F(ArtifactRefusals, given_special_files_when_stored_then_refused_without_waiting) {
  ASSERT_EQ(mkfifo((workspace_ / "pipe").c_str(), 0600), 0);
  EXPECT_EQ(CodeOf("pipe"), "artifact_special_file");
  Write("folder/file", "x");
  ASSERT_EQ(mkfifo((workspace_ / "folder/pipe").c_str(), 0600), 0);
  EXPECT_EQ(CodeOf("folder"), "artifact_special_file");
}

TEST_F(ArtifactRefusals, given_a_pointer_in_place_of_data_when_stored_then_refused) {
  const std::string lfs = "version https://git-lfs.github.com/spec/v1\noid sha256:aa\nsize 1\n";
  Write("model.bin", lfs);
  EXPECT_EQ(CodeOf("model.bin"), "artifact_pointer");
  Write("folder/model.bin", lfs);
  EXPECT_EQ(CodeOf("folder"), "artifact_pointer");
  Write("data.dvc", "outs:\n- md5: aa\n  path: data\n");
  EXPECT_EQ(CodeOf("data.dvc"), "artifact_pointer");
  EXPECT_EQ(CodeOf("data"), "artifact_pointer");
}

TEST_F(ArtifactRefusals, given_too_much_when_stored_then_refused) {
  Write("large", std::string(1001, 'x'));
  EXPECT_EQ(CodeOf("large"), "artifact_too_large");
  Write("sum/a", std::string(600, 'x'));
  Write("sum/b", std::string(600, 'x'));
  EXPECT_EQ(CodeOf("sum"), "artifact_too_large");
  for (int i = 0; i < 6; ++i) {
    Write("many/" + std::to_string(i), "x");
  }
  EXPECT_EQ(CodeOf("many"), "artifact_too_large");
}

}  // namespace
}  // namespace failgate
