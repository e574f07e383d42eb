#include "controller/git/tree_bytes.h"

#include <gtest/gtest.h>

#include "controller/base/error.h"

namespace failgate {
namespace {

const std::string kOne(20, '\1');
const std::string kTwo(20, '\2');

std::string Entry(const std::string& mode, const std::string& name, const std::string& id) {
  return mode + " " + name + '\0' + id;
}

TEST(TreeBytes, BeginsWithNothing) {
  TreeBytes tree("");
  EXPECT_FALSE(tree.Find("a").has_value());
  EXPECT_EQ(tree.Edited(), "");
  tree.Put("a", kTreeModeFile, kOne);
  EXPECT_EQ(tree.Edited(), Entry("100644", "a", kOne));
}

TEST(TreeBytes, FindsFilesAndFolders) {
  const std::string bytes = Entry("100755", "a", kOne) + Entry("40000", "b", kTwo);
  const TreeBytes tree(bytes);
  EXPECT_EQ(tree.Find("a")->mode, kTreeModeExecutable);
  EXPECT_EQ(tree.Find("a")->id, kOne);
  EXPECT_EQ(tree.Find("b")->mode, kTreeModeFolder);
  EXPECT_EQ(tree.Find("b")->id, kTwo);
  EXPECT_FALSE(tree.Find("c").has_value());
  EXPECT_FALSE(tree.Find("").has_value());
}

/// As git does: a folder stands where its name with a '/' would.
TEST(TreeBytes, KeepsGitsOrder) {
  const std::string file = Entry("100644", "a-b", kOne);
  const std::string dotted = Entry("100644", "a.json", kOne);
  const std::string folder = Entry("40000", "a", kTwo);
  const std::string zero = Entry("100644", "a0", kOne);
  TreeBytes tree(zero);
  tree.Put("a", kTreeModeFolder, kTwo);
  tree.Put("a.json", kTreeModeFile, kOne);
  tree.Put("a-b", kTreeModeFile, kOne);
  EXPECT_EQ(tree.Edited(), file + dotted + folder + zero);
  const std::string all = file + dotted + folder + zero;
  const TreeBytes again(all);
  for (const char* name : {"a-b", "a.json", "a", "a0"}) {
    EXPECT_TRUE(again.Find(name).has_value()) << name;
  }
}

TEST(TreeBytes, ReplacesAndRemoves) {
  const std::string bytes =
      Entry("100644", "a", kOne) + Entry("100644", "b", kOne) + Entry("100644", "c", kOne);
  TreeBytes tree(bytes);
  tree.Put("b", kTreeModeFile, kTwo);
  tree.Remove("c");
  tree.Remove("absent");
  EXPECT_EQ(tree.Edited(), Entry("100644", "a", kOne) + Entry("100644", "b", kTwo));
}

TEST(TreeBytes, MakesAFolderOfAFile) {
  const std::string between = Entry("100644", "a.json", kOne);
  const std::string bytes = Entry("100644", "a", kOne) + between;
  TreeBytes tree(bytes);
  tree.Put("a", kTreeModeFolder, kTwo);
  EXPECT_EQ(tree.Edited(), between + Entry("40000", "a", kTwo));
}

TEST(TreeBytes, RefusesWhatIsNoTree) {
  const std::string whole = Entry("100644", "a", kOne);
  for (const std::string& bytes : {std::string("a"),
                                   whole.substr(0, whole.size() - 1),
                                   Entry("10x644", "a", kOne),
                                   Entry("1006440", "a", kOne),
                                   Entry("100644", "", kOne),
                                   whole + "100644 b"}) {
    EXPECT_THROW(TreeBytes{bytes}, Error) << bytes;
  }
}

}  // namespace
}  // namespace failgate
