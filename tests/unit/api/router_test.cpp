#include "controller/api/router.h"

#include <gtest/gtest.h>

#include <string>

#include "controller/base/error.h"
#include "controller/base/percent_encoding.h"

namespace failgate {
namespace {

using Outcome = RouteTable::Outcome;

class RouterTest : public testing::Test {
 protected:
  RouterTest() {
    router_.Add("GET", "/", "page");
    router_.Add("POST", "/hooks/{name}", "hook");
    router_.Add("GET", "/api/{project}/releases", "releases");
    router_.Add("POST", "/api/{project}/releases", "make");
    router_.Add("GET", "/api/{project}/{thing}", "thing");
    router_.Add("GET", "/files/{path...}", "file");
  }
  std::string Target(const std::string& method, const std::string& path) {
    const auto match = router_.Find(method, path);
    return match.target == nullptr ? "" : *match.target;
  }
  Router<std::string> router_;
};

TEST_F(RouterTest, FindsRoutesAndDecodesParameters) {
  EXPECT_EQ(Target("GET", "/"), "page");
  EXPECT_EQ(Target("HEAD", "/"), "page");
  EXPECT_EQ(Target("GET", "/api/a/releases"), "releases");
  EXPECT_EQ(Target("GET", "/api/a/other"), "thing");
  EXPECT_EQ(router_.Find("POST", "/hooks/a%2Db").parameters.at("name"), "a-b");
  EXPECT_EQ(router_.Find("GET", "/files/a/b%20c").parameters.at("path"), "a/b c");
}

TEST_F(RouterTest, SaysWhichMethodsThereAre) {
  const auto hook = router_.Find("GET", "/hooks/a");
  EXPECT_EQ(hook.outcome, Outcome::kMethodNotAllowed);
  EXPECT_EQ(hook.allow, "POST");
  EXPECT_EQ(router_.Find("PUT", "/api/a/releases").allow, "GET, HEAD, POST");
}

TEST_F(RouterTest, FindsNothingBehindAmbiguousPaths) {
  for (const std::string path : {"",
                                 "*",
                                 "http://evil/hooks/a",
                                 "hooks/a",
                                 "//hooks/a",
                                 "/hooks//a",
                                 "/hooks/a/",
                                 "/hooks/",
                                 "/hooks",
                                 "/hooks/..",
                                 "/hooks/.",
                                 "/hooks/%2e%2e",
                                 "/hooks/%2E",
                                 "/hooks/a;x",
                                 "/hooks/a%00",
                                 "/hooks/a%2fb",
                                 "/hooks/a%2Fb",
                                 "/hooks/a%5cb",
                                 "/hooks/a\\b",
                                 "/hooks/%",
                                 "/hooks/%2",
                                 "/hooks/%zz",
                                 "/hooks/%ff",
                                 "/hooks/a%0a",
                                 "/h%6foks/a",
                                 "/hooks/../hooks/a",
                                 "/files/a/../b",
                                 "/files/a//b",
                                 "/files/"}) {
    EXPECT_EQ(router_.Find("POST", path).outcome, Outcome::kNotFound) << path;
  }
}

TEST_F(RouterTest, RefusesRoutesThatCannotBe) {
  EXPECT_THROW(router_.Add("GET", "/", "again"), Error);
  EXPECT_THROW(router_.Add("HEAD", "/x", "head"), Error);
  EXPECT_THROW(router_.Add("GET", "x", "relative"), Error);
  EXPECT_THROW(router_.Add("GET", "/{a...}/b", "tail"), Error);
}

TEST(PercentCoding, IsStrictAndRoundTrips) {
  EXPECT_EQ(PercentDecode("a%20b+"), "a b+");
  EXPECT_EQ(PercentEncode("a b/ä~"), "a%20b%2F%C3%A4~");
  EXPECT_EQ(PercentDecode(PercentEncode("a b/ä~")), "a b/ä~");
  EXPECT_FALSE(PercentDecode("%"));
  EXPECT_FALSE(PercentDecode("%4"));
  EXPECT_FALSE(PercentDecode("%g0"));
}

TEST(ParseQuery, ReadsParameters) {
  const auto query = ParseQuery("page=2&q=a+b%26c&flag");
  ASSERT_TRUE(query);
  EXPECT_EQ(query->Get("page"), "2");
  EXPECT_EQ(query->Get("q"), "a b&c");
  EXPECT_EQ(query->Get("flag"), "");
  EXPECT_FALSE(query->Get("other"));
  EXPECT_TRUE(ParseQuery(""));
}

TEST(ParseQuery, RefusesWhatIsAmbiguousOrTooMuch) {
  std::string many = "p0=1";
  for (int i = 1; i <= 32; ++i) {
    many += "&p" + std::to_string(i) + "=1";
  }
  for (const std::string& query : {std::string("a=1&a=2"),
                                   std::string("=1"),
                                   std::string("a=%zz"),
                                   std::string("a=%ff"),
                                   std::string("a=%00"),
                                   std::string("a&&b"),
                                   many,
                                   "a=" + std::string(5000, 'a')}) {
    const auto parsed = ParseQuery(query);
    ASSERT_FALSE(parsed) << query;
    EXPECT_EQ(parsed.error().code, "bad_query");
  }
}

}  // namespace
}  // namespace failgate
