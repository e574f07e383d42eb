#include "controller/base/digest.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "controller/base/durable_file.h"
#include "controller/base/error.h"

namespace failgate {
namespace {

// FIPS 180-4 examples.
constexpr const char* kEmpty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr const char* kAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

TEST(Sha256, MatchesThePublishedExamples) {
  EXPECT_EQ(Sha256Hex(""), kEmpty);
  EXPECT_EQ(Sha256Hex("abc"), kAbc);
  EXPECT_EQ(HexEncode(Sha256Raw("abc")), kAbc);
}

TEST(Sha256, GivesTheSameForPieces) {
  Sha256 hash;
  hash.Update("a");
  hash.Update("");
  Sha256 moved = std::move(hash);
  moved.Update("bc");
  EXPECT_EQ(moved.FinishHex(), kAbc);
}

TEST(Sha256, IsSpentAfterItsFinish) {
  Sha256 hash;
  EXPECT_EQ(hash.FinishHex(), kEmpty);
  EXPECT_THROW(hash.Update("x"), Error);
  EXPECT_THROW(static_cast<void>(hash.FinishHex()), Error);
}

TEST(Sha256, ReadsAFileLargerThanItsBuffer) {
  const TemporaryFolder folder;
  const std::string bytes(700'000, 'x');
  WriteFileDurably(folder.path() / "large", bytes);
  EXPECT_EQ(Sha256File(folder.path() / "large"), Sha256Hex(bytes));
}

TEST(Sha256, OfAnAbsentFileOrAFolderIsAnError) {
  const TemporaryFolder folder;
  EXPECT_THROW(static_cast<void>(Sha256File(folder.path() / "absent")), Error);
  EXPECT_THROW(static_cast<void>(Sha256File(folder.path())), Error);
}

TEST(Sha256, ReferenceHasItsPrefixAndLowerCaseDigits) {
  const std::string good = std::string("sha256:") + kAbc;
  EXPECT_TRUE(IsSha256Reference(good));
  EXPECT_FALSE(IsSha256Reference(kAbc));
  EXPECT_FALSE(IsSha256Reference(good + "0"));
  EXPECT_FALSE(IsSha256Reference("SHA256:" + std::string(kAbc)));
  EXPECT_FALSE(IsSha256Reference("sha256:" + std::string(64, 'A')));
  EXPECT_FALSE(IsSha256Reference("sha256:"));
}

TEST(Hmac, MatchesRfc4231) {
  EXPECT_EQ(HexEncode(HmacSha256(std::string(20, '\x0b'), "Hi There")),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(HexEncode(HmacSha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(HexEncode(HmacSha256(std::string(131, '\xaa'),
                                 "Test Using Larger Than Block-Size Key - Hash Key First")),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(Hmac, RefusesAnEmptyKey) {
  EXPECT_THROW(static_cast<void>(HmacSha256("", "x")), Error);
}

TEST(ConstantTimeEqual, ComparesLengthAndBytes) {
  EXPECT_TRUE(ConstantTimeEqual("abc", "abc"));
  EXPECT_TRUE(ConstantTimeEqual("", ""));
  EXPECT_FALSE(ConstantTimeEqual("abc", "abd"));
  EXPECT_FALSE(ConstantTimeEqual("abc", "ab"));
}

TEST(Hex, IsStrict) {
  EXPECT_EQ(HexEncode(std::string("\x00\xff", 2)), "00ff");
  EXPECT_EQ(HexDecode("00ff"), std::string("\x00\xff", 2));
  EXPECT_EQ(HexDecode(""), "");
  for (const char* text : {"0", "0g", "FF", "0x", " 00"}) {
    EXPECT_FALSE(HexDecode(text).has_value()) << text;
  }
}

TEST(Base64, MatchesRfc4648) {
  const std::vector<std::pair<std::string, std::string>> cases{{"", ""},
                                                               {"f", "Zg=="},
                                                               {"fo", "Zm8="},
                                                               {"foo", "Zm9v"},
                                                               {"foob", "Zm9vYg=="},
                                                               {"fooba", "Zm9vYmE="},
                                                               {"foobar", "Zm9vYmFy"},
                                                               {"\xff\xfe\xfd", "//79"}};
  for (const auto& item : cases) {
    EXPECT_EQ(Base64Encode(item.first), item.second);
    EXPECT_EQ(Base64Decode(item.second), item.first);
  }
  EXPECT_EQ(Base64UrlEncode("\xff\xfe\xfd"), "__79");
  EXPECT_EQ(Base64UrlEncode("f"), "Zg");
}

TEST(Base64, RefusesWhatIsNotCanonical) {
  for (const char* text :
       {"Zg", "Zg=", "Zh==", "Zm9=", "Zm9v\n", "Z m9", "====", "Z===", "=Zg=", "__79"}) {
    EXPECT_FALSE(Base64Decode(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace failgate
