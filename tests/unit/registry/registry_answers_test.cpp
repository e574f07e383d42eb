#include "controller/registry/registry_answers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace failgate {
namespace {

using ::testing::ElementsAre;

RegistryChallenge Bearer(const std::string& realm, const std::string& service = "") {
  return {RegistryChallenge::Scheme::kBearer, realm, service};
}

TEST(RegistryChallenge, IsReadOutOfTheHeader) {
  EXPECT_EQ(ReadChallenge("Bearer realm=\"https://auth.example.com/token\",service=\"registry\","
                          "scope=\"repository:ml/churn:pull,push\""),
            Bearer("https://auth.example.com/token", "registry"));
  EXPECT_EQ(ReadChallenge("bearer  realm=\"https://a/t\" , service=\"b\""),
            Bearer("https://a/t", "b"));
  EXPECT_EQ(ReadChallenge("Basic realm=\"Registry\"")->scheme, RegistryChallenge::Scheme::kBasic);
  for (const std::string& wrong : {std::string(),
                                   std::string("Digest realm=\"x\""),
                                   std::string("Bearer"),
                                   std::string("Bearer realm=https://a/t"),
                                   std::string("Bearer realm=\"https://a/t"),
                                   std::string("Bearer realm=\"https://a/t\" service=\"b\""),
                                   std::string("Bearer realm=\"a\\\"b\""),
                                   std::string("Bearer service=\"b\""),
                                   "Bearer realm=\"" + std::string(5000, 'a') + "\""}) {
    EXPECT_EQ(ReadChallenge(wrong), std::nullopt) << wrong.substr(0, 60);
  }
}

TEST(TokenUrl, AsksForNoMoreThanPullingTheImage) {
  const auto url = TokenUrl(Bearer("https://registry.example.com/token", "a b&c"),
                            "registry.example.com",
                            "ml/churn",
                            {});
  ASSERT_TRUE(url);
  EXPECT_EQ(*url,
            "https://registry.example.com/token?scope=repository%3Aml%2Fchurn%3Apull"
            "&service=a%20b%26c");
}

TEST(TokenUrl, IsOfTheRegistryOrOfAHostThatIsAllowed) {
  const auto may = [](const char* realm, const char* registry) {
    return TokenUrl(Bearer(realm), registry, "ml/churn", {"auth.example.com"}).has_value();
  };
  EXPECT_TRUE(may("https://registry.example.com:8443/token", "registry.example.com"));
  EXPECT_TRUE(may("https://auth.example.com/token", "registry.example.com:5000"));
  EXPECT_TRUE(may("http://127.0.0.1:5001/token", "127.0.0.1:5000"));
  for (const char* realm : {"http://registry.example.com/token",
                            "https://evil.example/token",
                            "https://registry.example.com.evil.example/",
                            "https://registry.example.com@evil.example/",
                            "https://evil.example/?registry.example.com",
                            "https://auth.example.com/token?x=y",
                            "https://auth.example.com/#x",
                            "https://169.254.169.254/",
                            "http://127.0.0.1/token",
                            "http://localhost/token",
                            "file:///etc/passwd",
                            "//auth.example.com/",
                            "https:///token",
                            "https://auth.example.com/a\r\nX: y",
                            ""}) {
    EXPECT_FALSE(may(realm, "registry.example.com")) << realm;
  }
  EXPECT_FALSE(may("http://169.254.169.254/", "127.0.0.1:5000"));
  EXPECT_FALSE(may("http://localhost:5000/", "127.0.0.1:5000"));
}

TEST(RegistryToken, IsATextThatCanStandInAHeader) {
  EXPECT_EQ(ReadRegistryToken(R"({"token":"abc","expires_in":60})"), "abc");
  EXPECT_EQ(ReadRegistryToken(R"({"access_token":"abc"})"), "abc");
  for (const char* wrong : {"",
                            "null",
                            "[]",
                            "{}",
                            R"({"token":1})",
                            R"({"token":""})",
                            R"({"token":"a\r\nX: y"})",
                            R"({"token":"a b"})",
                            "{\"token\":\"abc\""}) {
    EXPECT_EQ(ReadRegistryToken(wrong), std::nullopt) << wrong;
  }
  EXPECT_EQ(ReadRegistryToken("{\"token\":\"" + std::string(20000, 'a') + "\"}"), std::nullopt);
}

TEST(TagList, HoldsTagsAlone) {
  EXPECT_THAT(*ReadTagList(R"({"name":"ml/churn","tags":["v1","latest"]})"),
              ElementsAre("v1", "latest"));
  EXPECT_TRUE(ReadTagList(R"({"name":"ml/churn","tags":null})")->empty());
  for (const std::string& wrong : {std::string(),
                                   std::string("[]"),
                                   std::string("{}"),
                                   std::string(R"({"tags":{}})"),
                                   std::string(R"({"tags":[1]})"),
                                   std::string(R"({"tags":["../x"]})"),
                                   std::string(R"({"tags":[""]})"),
                                   std::string(R"({"tags":["a\r\nb"]})"),
                                   std::string(100000, '[')}) {
    EXPECT_FALSE(ReadTagList(wrong)) << wrong.substr(0, 60);
  }
}

TEST(NextTagPage, IsTheLastTagAndNothingElseOfTheAddress) {
  EXPECT_EQ(NextTagPage("</v2/ml/churn/tags/list?last=v9&n=100>; rel=\"next\""), "v9");
  EXPECT_EQ(NextTagPage("<https://evil.example/?n=1&last=v9>; rel=\"next\""), "v9");
  for (const char* none : {"",
                           "</v2/x>; rel=\"next\"",
                           "</v2/x?last=v9>; rel=\"prev\"",
                           "</v2/x?last=>; rel=\"next\"",
                           "</v2/x?last=a%2f..>; rel=\"next\"",
                           ">last=v9<; rel=\"next\""}) {
    EXPECT_EQ(NextTagPage(none), std::nullopt) << none;
  }
}

TEST(ImageDigest, IsAlgorithmAndDigits) {
  EXPECT_TRUE(IsImageDigest("sha256:" + std::string(64, 'a')));
  EXPECT_TRUE(IsImageDigest("sha512:" + std::string(128, '0')));
  for (const std::string& wrong : {std::string(),
                                   std::string("sha256:"),
                                   "sha256:" + std::string(63, 'a'),
                                   "sha256:" + std::string(64, 'A'),
                                   "sha256:" + std::string(128, 'a'),
                                   "md5:" + std::string(64, 'a'),
                                   std::string(64, 'a')}) {
    EXPECT_FALSE(IsImageDigest(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace failgate
