#include "controller/store/body_digest.h"

#include <gtest/gtest.h>

#include "controller/base/digest.h"

namespace failgate {
namespace {

// Of the reference implementation: printf '' | xxh128sum, printf abc | xxh128sum.
constexpr const char* kOfNothing = "xxh3-128:99aa06d3014798d86001c324468d497f";
constexpr const char* kOfAbc = "xxh3-128:06b05ab6733a618578af5f94892f3950";

TEST(BodyDigest, IsTheOneOfTheReferenceProgram) {
  EXPECT_EQ(DigestOfBody(""), kOfNothing);
  EXPECT_EQ(DigestOfBody("abc"), kOfAbc);
}

TEST(BodyDigest, ProvesABodyByEitherKind) {
  EXPECT_TRUE(IsDigestOfBody(kOfAbc, "abc"));
  EXPECT_FALSE(IsDigestOfBody(kOfAbc, "abd"));
  EXPECT_TRUE(IsDigestOfBody("sha256:" + Sha256Hex("abc"), "abc"));
  EXPECT_FALSE(IsDigestOfBody("sha256:" + Sha256Hex("abc"), "abd"));
  EXPECT_FALSE(IsDigestOfBody("", "abc"));
}

TEST(BodyDigest, NamesWhatFormerVersionsWroteWithoutAName) {
  EXPECT_EQ(NamedBodyDigest(Sha256Hex("abc")), "sha256:" + Sha256Hex("abc"));
  EXPECT_EQ(NamedBodyDigest(kOfAbc), kOfAbc);
}

}  // namespace
}  // namespace failgate
