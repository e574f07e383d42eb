// The examples that AWS publishes: those of "Authenticating Requests: Using the Authorization
// Header" for S3, and of its signature test suite.
#include "controller/s3/sigv4.h"

#include <gtest/gtest.h>

#include "controller/base/digest.h"

namespace failgate {
namespace {

std::string SignatureOf(const std::string& authorization) {
  return authorization.substr(authorization.rfind('=') + 1);
}

class S3Examples : public ::testing::Test {
 protected:
  static std::string Sign(const std::string& method,
                          const std::string& path,
                          const TextPairs& query,
                          TextPairs headers,
                          const std::string& body = "") {
    SignedParts parts;
    parts.method = method;
    parts.path = CanonicalPath(path);
    parts.query = CanonicalQuery(query);
    parts.payload_sha256 = Sha256Hex(body);
    headers.emplace_back("host", "examplebucket.s3.amazonaws.com");
    headers.emplace_back("x-amz-content-sha256", parts.payload_sha256);
    headers.emplace_back("x-amz-date", "20130524T000000Z");
    parts.headers = std::move(headers);
    return SignatureV4(
        parts,
        {"us-east-1", "s3", *ParseTime("2013-05-24T00:00:00Z")},
        {"AKIAIOSFODNN7EXAMPLE", Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")});
  }
};

TEST_F(S3Examples, OneObject) {
  EXPECT_EQ(Sign("GET", "/test.txt", {}, {{"range", "bytes=0-9"}}),
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
            "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,"
            "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
}

TEST_F(S3Examples, AnObjectWhoseNameIsEncoded) {
  EXPECT_EQ(SignatureOf(Sign("PUT",
                             "/test$file.text",
                             {},
                             {{"x-amz-storage-class", "REDUCED_REDUNDANCY"},
                              {"date", "Fri, 24 May 2013 00:00:00 GMT"}},
                             "Welcome to Amazon S3.")),
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
}

TEST_F(S3Examples, AParameterWithoutValue) {
  EXPECT_EQ(SignatureOf(Sign("GET", "/", {{"lifecycle", ""}}, {})),
            "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
}

TEST_F(S3Examples, AListingWhateverTheOrderOfItsParameters) {
  EXPECT_EQ(SignatureOf(Sign("GET", "/", {{"prefix", "J"}, {"max-keys", "2"}}, {})),
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

std::string SignSuite(const std::string& method, const TextPairs& query, TextPairs headers = {}) {
  SignedParts parts;
  parts.method = method;
  parts.path = "/";
  parts.query = CanonicalQuery(query);
  parts.payload_sha256 = Sha256Hex("");
  headers.emplace_back("host", "example.amazonaws.com");
  headers.emplace_back("x-amz-date", "20150830T123600Z");
  parts.headers = std::move(headers);
  return SignatureOf(
      SignatureV4(parts,
                  {"us-east-1", "service", *ParseTime("2015-08-30T12:36:00Z")},
                  {"AKIDEXAMPLE", Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")}));
}

TEST(SignatureSuite, SignsAsPublished) {
  EXPECT_EQ(SignSuite("GET", {}),
            "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
  EXPECT_EQ(SignSuite("POST", {}),
            "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b");
  EXPECT_EQ(SignSuite("GET", {{"Param2", "value2"}, {"Param1", "value1"}}),
            "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500");
  EXPECT_EQ(SignSuite("POST", {}, {{"my-header1", "VALUE1"}}),
            "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d");
}

TEST(SignatureParts, AreEncodedOnceAndKeepTheirSlashes) {
  EXPECT_EQ(CanonicalPath("/b/day=1/a b+c%.csv"), "/b/day%3D1/a%20b%2Bc%25.csv");
  EXPECT_EQ(CanonicalQuery({{"prefix", "a/b c"}, {"max-keys", "1"}}),
            "max-keys=1&prefix=a%2Fb%20c");
  EXPECT_EQ(AmzDate(*ParseTime("2026-11-30T12:00:01.5Z")), "20261130T120001Z");
}

}  // namespace
}  // namespace failgate
