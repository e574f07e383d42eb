#include "controller/git/tree_id.h"

#include <gtest/gtest.h>

#include <string>

namespace failgate {
namespace {

TEST(TreeId, IsWhatGitCallsTheFolder) {
  // git mktree </dev/null, and of one empty file "f".
  EXPECT_EQ(TreeIdOf("").text(), "4b825dc642cb6eb9a060e54bf8d69288fbee4904");
  const std::string empty_blob(
      "\xe6\x9d\xe2\x9b\xb2\xd1\xd6\x43\x4b\x8b\x29\xae\x77\x5a\xd8\xc2\xe4\x8c\x53\x91", 20);
  EXPECT_EQ(TreeIdOf(std::string("100644 f") + '\0' + empty_blob).text(),
            "3d5a503f4062d198b443db5065ca727f8354e7df");
}

}  // namespace
}  // namespace failgate
