#include "controller/git/source_url.h"

#include <gtest/gtest.h>

namespace failgate {
namespace {

TEST(RemoteUrl, AcceptsTheTransportsGitMayUse) {
  for (const auto& [text, scheme] : std::vector<std::pair<std::string, UrlScheme>>{
           {"https://git.example.com/team/churn.git", UrlScheme::kHttps},
           {"https://git.example.com:8443/team/churn", UrlScheme::kHttps},
           {"http://127.0.0.1:8080/x.git", UrlScheme::kHttp},
           {"ssh://git@git.example.com:2222/team/churn.git", UrlScheme::kSsh},
           {"git@git.example.com:team/churn.git", UrlScheme::kSsh},
           {"https://[::1]:8443/x.git", UrlScheme::kHttps},
           {"file:///srv/git/churn.git", UrlScheme::kFile},
           {"/srv/git/churn.git", UrlScheme::kFile}}) {
    const auto url = ParseRemoteUrl(text);
    ASSERT_TRUE(url.has_value()) << text << ": " << url.error().text;
    EXPECT_EQ(url->scheme, scheme) << text;
    EXPECT_EQ(url->text, text);
  }
}

TEST(RemoteUrl, RefusesEverythingElse) {
  for (const std::string& text : {std::string(),
                                  std::string("--upload-pack=touch x"),
                                  std::string("-oProxyCommand=x"),
                                  std::string("ext::sh -c x"),
                                  std::string("ext::sh"),
                                  std::string("fd::7"),
                                  std::string("git://example.com/x"),
                                  std::string("ftp://example.com/x"),
                                  std::string("https://user:pass@example.com/x"),
                                  std::string("https://token@example.com/x"),
                                  std::string("https://example.com"),
                                  std::string("https:///x"),
                                  std::string("https://example.com:0/x"),
                                  std::string("https://example.com:99999/x"),
                                  std::string("https://exa mple.com/x"),
                                  std::string("https://example.com/x\n"),
                                  std::string("https://ex%61mple.com/x"),
                                  std::string("https://example.com/x?y"),
                                  std::string("ssh://-oProxyCommand=x/y"),
                                  std::string("ssh://-x@example.com/y"),
                                  std::string("ssh://a:b@example.com/y"),
                                  std::string("-x@example.com:y"),
                                  std::string("host:-path"),
                                  std::string("file://host/x"),
                                  std::string("relative/path"),
                                  std::string("./x:y"),
                                  std::string(4096, 'x')}) {
    EXPECT_FALSE(ParseRemoteUrl(text).has_value()) << text;
  }
}

TEST(RemoteUrl, NormalisesFormsOfOneRepositoryToOneText) {
  for (const std::string& text : {std::string("https://Git.Example.com/team/churn.git"),
                                  std::string("https://git.example.com:443/team/churn/"),
                                  std::string("https://bob@git.example.com/team/churn"),
                                  std::string("HTTPS://git.example.com/team/churn.git"),
                                  std::string("ssh://git@git.example.com:22/team/churn.git"),
                                  std::string("git@git.example.com:team/churn.git")}) {
    EXPECT_EQ(NormaliseRepositoryUrl(text), "git.example.com/team/churn") << text;
  }
  EXPECT_EQ(NormaliseRepositoryUrl("file:///srv/churn.git"), "/srv/churn");
  EXPECT_EQ(NormaliseRepositoryUrl("/srv/churn.git"), "/srv/churn");
}

TEST(RemoteUrl, KeepsDifferentRepositoriesApart) {
  EXPECT_NE(NormaliseRepositoryUrl("https://git.example.com/team/churn"),
            NormaliseRepositoryUrl("https://git.example.com/team/Churn"));
  EXPECT_NE(NormaliseRepositoryUrl("https://git.example.com:8443/team/churn"),
            NormaliseRepositoryUrl("https://git.example.com/team/churn"));
  EXPECT_NE(NormaliseRepositoryUrl("https://github.com./a/b"),
            NormaliseRepositoryUrl("https://github.com/a/b"));
  EXPECT_EQ(NormaliseRepositoryUrl("https://git\thub.com/a/b"), std::nullopt);
  EXPECT_EQ(NormaliseRepositoryUrl("https://g\xC3\xADthub.com/a/b"), std::nullopt);
}

}  // namespace
}  // namespace failgate
