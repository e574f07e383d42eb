#include "controller/daemon/demo_folder.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "controller/base/error.h"

namespace failgate {
namespace {

namespace fs = std::filesystem;

TEST(DemoFolder, IsATemporaryOneUnlessNamed) {
  fs::path path;
  {
    const DemoFolder folder({});
    path = folder.path();
    EXPECT_TRUE(folder.temporary());
    EXPECT_TRUE(fs::is_directory(path));
  }
  EXPECT_FALSE(fs::exists(path));
}

TEST(DemoFolder, StaysWhenNamedAndLetsStepsPassThrough) {
  const TemporaryFolder place;
  const fs::path wanted = place.path() / "new" / "demo";
  { EXPECT_FALSE(DemoFolder(wanted).temporary()); }
  struct stat seen = {};
  ASSERT_EQ(::stat(wanted.c_str(), &seen), 0);
  EXPECT_EQ(seen.st_mode & 07777U, 0711U);
}

TEST(DemoFolder, TakesAnEmptyOne) {
  const TemporaryFolder place;
  EXPECT_EQ(DemoFolder(place.path()).path(), fs::canonical(place.path()));
}

TEST(DemoFolder, RefusesOneThatHoldsSomething) {
  const TemporaryFolder place;
  WriteFileDurably(place.path() / "mine", "precious");
  EXPECT_THROW(DemoFolder{place.path()}, Error);
  EXPECT_EQ(ReadFile(place.path() / "mine"), "precious");
}

TEST(DemoFolder, RefusesAFile) {
  const TemporaryFolder place;
  WriteFileDurably(place.path() / "file", "");
  EXPECT_THROW(DemoFolder{place.path() / "file"}, Error);
}

TEST(DemoFolder, RefusesAPathThatWouldNeedQuotes) {
  const TemporaryFolder place;
  for (const char* name : {"a b", "a\"b", "a'b", "a$b", "a@b", "a\nb"}) {
    EXPECT_THROW(DemoFolder{place.path() / name}, Error) << name;
    EXPECT_FALSE(fs::exists(place.path() / name)) << name;
  }
}

TEST(UnpackDemoFiles, FillsInWhatThePlaceholdersName) {
  const TemporaryFolder place;
  UnpackDemoFiles(
      "server", place.path(), {{"DIR", "/demo"}, {"PORT", "0"}, {"SANDBOX", "required"}});
  const std::string text = ReadFile(place.path() / "failgate.yaml");
  EXPECT_NE(text.find("data_dir: \"/demo/data\""), std::string::npos);
  EXPECT_EQ(text.find('@'), std::string::npos);
}

TEST(UnpackDemoFiles, RefusesAPartNobodyCarries) {
  const TemporaryFolder place;
  EXPECT_THROW(UnpackDemoFiles("nothing", place.path()), Error);
}

}  // namespace
}  // namespace failgate
