#include "webhooks/repository_url.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "webhooks/event.h"

namespace failgate {
namespace {

bool Same(const std::string& a, const std::string& b) {
  const auto left = ParseRepositoryUrl(a);
  const auto right = ParseRepositoryUrl(b);
  return left && right && SameRepository(*left, *right);
}

TEST(RepositoryUrl, IsTheSameHoweverItIsWritten) {
  const std::vector<std::pair<std::string, std::string>> pairs = {
      {"https://gitlab.example.com/ml/churn.git", "https://gitlab.example.com/ml/churn"},
      {"https://gitlab.example.com/ml/churn.git", "https://GitLab.Example.com:443/ML/Churn/"},
      {"https://gitlab.example.com/ml/churn", "http://gitlab.example.com/ml/churn"},
      {"https://gitlab.example.com./ml/churn", "https://gitlab.example.com/ml/churn"},
      {"https://oauth2@gitlab.example.com/ml/churn", "https://gitlab.example.com/ml/churn"},
      {"git@gitlab.example.com:ml/churn.git", "ssh://git@gitlab.example.com:22/ml/churn.git"},
      {"gitlab.example.com:/ml/churn", "git@gitlab.example.com:ml/churn"},
      {"ssh://git@gitlab.example.com:2222/ml/churn", "ssh://gitlab.example.com:2222/ml/churn.git"},
      {"https://[2001:db8::1]:8443/ml/churn", "https://[2001:DB8::1]:8443/ml/churn.git"},
      {"file:///srv/git/churn.git", "/srv/git/churn.git"},
      {"file://localhost/srv/git/churn", "/srv/git/churn/"}};
  for (const auto& pair : pairs) {
    EXPECT_TRUE(Same(pair.first, pair.second)) << pair.first << " and " << pair.second;
  }
}

TEST(RepositoryUrl, IsNotTheSameForAnotherHostPortOrPath) {
  const std::string ours = "https://github.com/acme/churn.git";
  for (const char* other : {"https://github.com.evil.example/acme/churn.git",
                            "https://github.com@evil.example/acme/churn.git",
                            "https://github.com:8443/acme/churn.git",
                            "https://github.com/acme/churn2.git",
                            "https://github.com/acme/churn/x",
                            "https://github.com/acme//churn",
                            "https://github.com/.*",
                            "https://github.com/(a+)+$",
                            "git@evil.example:acme/churn.git",
                            "/acme/churn"}) {
    EXPECT_FALSE(Same(ours, other)) << other;
  }
  EXPECT_FALSE(Same("/srv/Churn", "/srv/churn")) << "file systems tell case apart";
}

TEST(RepositoryUrl, RefusesWhatCouldNotBeConfigured) {
  for (const std::string& wrong : {std::string(),
                                   std::string("churn"),
                                   std::string("https://"),
                                   std::string("https://github.com"),
                                   std::string("https://github.com/"),
                                   std::string("https:///acme/churn"),
                                   std::string("https://git\thub.com/acme/churn"),
                                   std::string("https://git\nhub.com/acme/churn"),
                                   std::string("https://github.com\\acme/churn"),
                                   std::string("https://g\xC4\xB1thub.com/acme/churn"),
                                   std::string("https://github%2ecom/acme/churn"),
                                   std::string("https://github.com:0/acme/churn"),
                                   std::string("https://github.com:99999/acme/churn"),
                                   std::string("https://github.com:12x/acme/churn"),
                                   std::string("https://github.com/acme/../churn"),
                                   std::string("https://github.com/acme/churn?x=1"),
                                   std::string("https://github.com/acme/churn#x"),
                                   std::string("javascript://github.com/acme/churn"),
                                   std::string("ext::sh -c touch% /tmp/x"),
                                   std::string("file://other.example/srv/churn"),
                                   std::string("https://github.com/a\0b", 22)}) {
    EXPECT_EQ(ParseRepositoryUrl(wrong), std::nullopt) << wrong;
  }
}

ParsedDelivery Seen(const std::vector<std::pair<SeenRepositoryUrl::Use, std::string>>& urls) {
  ParsedDelivery delivery;
  delivery.kind = ParsedDelivery::Kind::kPush;
  for (const auto& url : urls) {
    delivery.repository_urls.push_back({url.first, ParseRepositoryUrl(url.second)});
  }
  return delivery;
}

using Use = SeenRepositoryUrl::Use;
constexpr const char* kHttps = "https://gitlab.example.com/ml/churn.git";
constexpr const char* kSsh = "ssh://git@gitlab.example.com:2222/ml/churn.git";

TEST(RepositoryMatch, IsDecidedByTheUrlOfTheConfiguredWay) {
  const auto https = *ParseRepositoryUrl(kHttps);
  const auto ssh = *ParseRepositoryUrl(kSsh);
  const ParsedDelivery both = Seen({{Use::kClone, kHttps}, {Use::kSsh, kSsh}});
  EXPECT_TRUE(IsAbout(both, https));
  EXPECT_TRUE(IsAbout(both, ssh));
  EXPECT_FALSE(
      IsAbout(Seen({{Use::kClone, "https://evil.example/ml/churn"}, {Use::kPage, kHttps}}), https));
  EXPECT_FALSE(IsAbout(Seen({{Use::kClone, "no url"}, {Use::kPage, kHttps}}), https));
  EXPECT_FALSE(IsAbout(Seen({{Use::kSsh, "git@evil.example:ml/churn"}, {Use::kClone, kSsh}}), ssh));
}

TEST(RepositoryMatch, TakesAnotherUrlWhenTheDecidingOneIsNotSent) {
  const auto https = *ParseRepositoryUrl(kHttps);
  EXPECT_TRUE(IsAbout(Seen({{Use::kPage, kHttps}}), https));
  EXPECT_FALSE(IsAbout(Seen({}), https));
}

TEST(RepositoryMatch, TurnsAForeignPushIntoAnIgnoredDelivery) {
  const auto other = *ParseRepositoryUrl("https://gitlab.example.com/ml/other");
  const auto ours = *ParseRepositoryUrl(kHttps);
  const ParsedDelivery push = Seen({{Use::kClone, kHttps}});
  EXPECT_EQ(KeepOnlyConfigured(push, {other, ours}).kind, ParsedDelivery::Kind::kPush);
  const ParsedDelivery ignored = KeepOnlyConfigured(push, {other});
  EXPECT_EQ(ignored.kind, ParsedDelivery::Kind::kIgnored);
  EXPECT_FALSE(ignored.ignored_because.empty());
}

TEST(RepositoryMatch, LeavesAPingAPing) {
  ParsedDelivery ping;
  ping.kind = ParsedDelivery::Kind::kPing;
  EXPECT_EQ(KeepOnlyConfigured(ping, {}).kind, ParsedDelivery::Kind::kPing);
}

}  // namespace
}  // namespace failgate
