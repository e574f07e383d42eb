#include "controller/data/md5.h"

#include <gtest/gtest.h>

namespace failgate {
namespace {

std::string Md5Of(std::string_view bytes) {
  Md5 md5;
  md5.Update(bytes);
  return md5.FinishHex();
}

std::string FormerOf(std::string_view bytes) {
  FormerDvcMd5 md5;
  // In pieces: where a piece ends does not show.
  for (std::size_t at = 0; at < bytes.size(); at += 7) md5.Update(bytes.substr(at, 7));
  return md5.FinishHex();
}

TEST(Md5, IsThatOfTheStandard) {
  EXPECT_EQ(Md5Of(""), "d41d8cd98f00b204e9800998ecf8427e");
  EXPECT_EQ(Md5Of("message digest"), "f96b697d7cb7938d525a2f31aaf161d0");
}

TEST(FormerDvcMd5, TakesTextWithEitherLineEnd) {
  EXPECT_EQ(FormerOf("a,b\r\n1,2\r\n"), Md5Of("a,b\n1,2\n"));
  EXPECT_EQ(FormerOf("a,b\n1,2\n"), Md5Of("a,b\n1,2\n"));
  EXPECT_EQ(FormerOf("\r\r\n\r"), Md5Of("\r\n\r"));
  EXPECT_EQ(FormerOf(""), Md5Of(""));
}

TEST(FormerDvcMd5, TakesOtherBytesAsTheyAre) {
  const std::string zero("a\0b\r\n", 5);
  EXPECT_EQ(FormerOf(zero), Md5Of(zero));
  const std::string high = "\xff\xfe\xfd\r\n";
  EXPECT_EQ(FormerOf(high), Md5Of(high));
}

}  // namespace
}  // namespace failgate
