#include "controller/data/lfs_pointer.h"

#include <gtest/gtest.h>

namespace failgate {
namespace {

const std::string kDigest(64, 'a');

std::string Pointer(const std::string& rest) {
  return "version https://git-lfs.github.com/spec/v1\n" + rest;
}

TEST(LfsPointer, IsReadAsItIsWritten) {
  const LfsPointer pointer{kDigest, 12};
  const std::string text = FormatLfsPointer(pointer);
  EXPECT_EQ(text, Pointer("oid sha256:" + kDigest + "\nsize 12\n"));
  EXPECT_TRUE(LooksLikeLfsPointer(text));
  EXPECT_EQ(*ParseLfsPointer(text), pointer);
}

TEST(LfsPointer, OfTheFormerNameIsOneToo) {
  EXPECT_EQ(ParseLfsPointer("version https://hawser.github.com/spec/v1\noid sha256:" + kDigest +
                            "\nsize 3\n")
                ->size,
            3);
}

TEST(LfsPointer, IsNoOtherFile) {
  EXPECT_FALSE(LooksLikeLfsPointer("a,b\n1,2\n"));
  EXPECT_FALSE(LooksLikeLfsPointer(Pointer(std::string(1000, 'x'))));
  EXPECT_FALSE(ParseLfsPointer("").has_value());
}

TEST(LfsPointer, IsRefusedWhenItDoesNotSayWhichBytes) {
  for (const std::string& rest :
       {std::string("size 12\n"),
        "oid sha256:" + kDigest + "\n",
        "oid sha256:" + kDigest + "\nsize -1\n",
        "oid sha256:" + kDigest + "\nsize many\n",
        "oid sha1:" + kDigest + "\nsize 12\n",
        "oid sha256:" + kDigest.substr(1) + "\nsize 12\n",
        "ext-0-crypt sha256:" + kDigest + "\noid sha256:" + kDigest + "\nsize 12\n"}) {
    const Result<LfsPointer> pointer = ParseLfsPointer(Pointer(rest));
    ASSERT_FALSE(pointer.has_value()) << rest;
    EXPECT_EQ(pointer.error().code, "invalid_pointer");
  }
}

}  // namespace
}  // namespace failgate
