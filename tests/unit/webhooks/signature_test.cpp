#include "webhooks/signature.h"

#include <gtest/gtest.h>

#include "controller/base/digest.h"
#include "controller/base/error.h"

namespace failgate {
namespace {

constexpr const char* kDocumentedSecret = "It's a Secret to Everybody";

std::optional<std::string> ReadSha256(std::string_view header) {
  return ParseHexSignature(header, "sha256=", MacAlgorithm::kSha256);
}

TEST(Signature, MakesTheVectorThatGithubDocuments) {
  const HmacKey key{Secret(kDocumentedSecret)};
  const std::string expected = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
  EXPECT_EQ(HexEncode(key.Sign("Hello, World!")), expected);
  EXPECT_EQ(HexEncode(key.Sign("Hello, World!")), expected) << "the key can be used again";
}

TEST(Signature, MakesTheVectorThatBitbucketDocuments) {
  const HmacKey key{Secret(kDocumentedSecret)};
  EXPECT_EQ(HexEncode(key.Sign("Hello World!")),
            "a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9");
}

TEST(Signature, AgreesWithTheOneShotHmacForKeysLongerThanABlock) {
  const std::string long_key(200, 'k');
  EXPECT_EQ(HmacKey{Secret(long_key)}.Sign(""), HmacSha256(long_key, ""));
}

TEST(Signature, RefusesAnEmptyKey) {
  EXPECT_THROW(HmacKey{Secret("")}, Error);
}

TEST(Signature, ReadsOnlyThePrefixAndSixtyFourLowerCaseDigits) {
  const std::string digits(64, 'a');
  EXPECT_EQ(ReadSha256("sha256=" + digits), std::string(32, '\xaa'));
  for (const std::string& wrong : {std::string(),
                                   std::string("x"),
                                   std::string("v1,"),
                                   std::string("sha256="),
                                   std::string("sha256=ab"),
                                   digits,
                                   "SHA256=" + digits,
                                   "sha256=" + std::string(64, 'A'),
                                   "sha256=" + std::string(64, 'z'),
                                   "sha256=" + digits + " ",
                                   " sha256=" + digits,
                                   "sha256= " + digits,
                                   "sha256=" + digits + ", sha256=" + digits,
                                   "sha512=" + digits,
                                   "sha1=" + std::string(40, 'a'),
                                   "sha256=" + std::string(63, 'a'),
                                   "sha256=" + std::string(63, 'a') + std::string(1, '\0')}) {
    EXPECT_EQ(ReadSha256(wrong), std::nullopt) << wrong;
  }
}

TEST(Signature, TakesTheAlgorithmItWasToldAndNoOther) {
  const std::string digits(128, 'a');
  EXPECT_EQ(ParseHexSignature("sha512=" + digits, "sha512=", MacAlgorithm::kSha512),
            std::string(64, '\xaa'));
  EXPECT_EQ(ParseHexSignature("sha512=" + digits, "sha256=", MacAlgorithm::kSha256), std::nullopt);
  EXPECT_EQ(ParseHexSignature(digits.substr(64), "", MacAlgorithm::kSha256),
            std::string(32, '\xaa'));
  // RFC 4231, test case 2.
  EXPECT_EQ(
      HexEncode(
          HmacKey(Secret("Jefe"), MacAlgorithm::kSha512).Sign("what do ya want ", "for nothing?")),
      "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
      "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737");
}

TEST(Signature, TellsWhichOfTheSecretsSigned) {
  const SignatureVerifier verifier({Secret("current"), Secret("previous")});
  EXPECT_EQ(verifier.FindSigner(HmacSha256("current", "body"), "body"), 0U);
  EXPECT_EQ(verifier.FindSigner(HmacSha256("previous", "body"), "body"), 1U);
  EXPECT_EQ(verifier.FindSigner(HmacSha256("other", "body"), "body"), std::nullopt);
  EXPECT_EQ(verifier.FindSigner(HmacSha256("current", "body"), "body2"), std::nullopt);
}

TEST(Signature, LeavesOutEmptySecretsAndKeepsTheNumbersOfTheRest) {
  const SignatureVerifier verifier({Secret(""), Secret("previous")});
  EXPECT_EQ(verifier.FindSigner(HmacSha256("previous", "body"), "body"), 1U);
  EXPECT_TRUE(SignatureVerifier({Secret("")}).empty());
  EXPECT_EQ(SignatureVerifier({Secret("")}).FindSigner("", ""), std::nullopt);
}

TEST(Token, IsFoundOnlyWhenItIsTheWholeSecret) {
  const TokenVerifier verifier({Secret("current-token"), Secret("previous-token")});
  EXPECT_EQ(verifier.FindToken("current-token"), 0U);
  EXPECT_EQ(verifier.FindToken("previous-token"), 1U);
  for (const char* wrong : {"", "current", "current-token ", " current-token", "Current-token"}) {
    EXPECT_EQ(verifier.FindToken(wrong), std::nullopt) << wrong;
  }
}

TEST(Token, IsNeverFoundWithoutASecret) {
  const TokenVerifier verifier({Secret("")});
  EXPECT_TRUE(verifier.empty());
  EXPECT_EQ(verifier.FindToken(""), std::nullopt);
}

}  // namespace
}  // namespace failgate
