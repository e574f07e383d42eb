#include "controller/api/auth.h"

#include <gtest/gtest.h>

#include "controller/api/network.h"
#include "tests/unit/store/store_world.h"

namespace failgate {
namespace {

RequestHead HeadWith(const std::string& authorization) {
  RequestHead head;
  head.method = "GET";
  head.path = "/api/v1/status";
  head.headers = {{"Authorization", authorization}};
  head.remote_address = "192.0.2.1";
  return head;
}

TEST(BearerToken, IsReadFromOneWellFormedHeaderOnly) {
  EXPECT_EQ(BearerToken(HeadWith("Bearer fg_x")), "fg_x");
  EXPECT_EQ(BearerToken(HeadWith("bearer fg_x")), "fg_x");
  for (const char* bad : {"", "Bearer", "Bearer ", "Basic fg_x", "fg_x", "Bearer a b"}) {
    EXPECT_EQ(BearerToken(HeadWith(bad)), std::nullopt) << bad;
  }
  EXPECT_EQ(BearerToken(HeadWith("Bearer " + std::string(600, 'x'))), std::nullopt);
  RequestHead query = HeadWith("");
  query.headers.clear();
  query.query = "token=fg_x&access_token=fg_x";
  EXPECT_EQ(BearerToken(query), std::nullopt);
}

TEST(Authenticator, TellsNothingButUnauthenticated) {
  StoreWorld world;
  TokenStore tokens(world.database, world.clock);
  Authenticator authenticator(tokens, world.clock);
  const auto made = tokens.Create({"Al", "al@example.com"}, Role::kDeveloper, {"churn"}, {});
  const auto good = authenticator.Authenticate(HeadWith("Bearer " + made.token.Reveal()));
  ASSERT_TRUE(good.has_value());
  EXPECT_EQ(good->role, Role::kDeveloper);
  const auto bad = authenticator.Authenticate(HeadWith("Bearer fg_wrong"));
  ASSERT_FALSE(bad.has_value());
  EXPECT_EQ(bad.error().status, 401);
  EXPECT_EQ(bad.error().body, UnauthorizedAnswer().body);
  EXPECT_EQ(authenticator.RefuseHead(HeadWith(""))->status, 401);
  RequestHead twice = HeadWith("Bearer a");
  twice.headers.emplace_back("authorization", "Bearer b");
  EXPECT_EQ(authenticator.RefuseHead(twice)->status, 400);
}

TEST(Authenticator, StopsAnAddressThatFailsTooOften) {
  StoreWorld world;
  TokenStore tokens(world.database, world.clock);
  Authenticator authenticator(tokens, world.clock);
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(authenticator.RefuseHead(HeadWith(""))->status, 401);
  }
  EXPECT_EQ(authenticator.RefuseHead(HeadWith(""))->status, 429);
  RequestHead other = HeadWith("");
  other.remote_address = "192.0.2.2";
  EXPECT_EQ(authenticator.RefuseHead(other)->status, 401);
  world.clock.Advance(std::chrono::seconds(1));
  EXPECT_EQ(authenticator.RefuseHead(HeadWith(""))->status, 401);
}

TEST(RateLimiter, GivesNobodyAFreshBucketByFillingTheTable) {
  FakeClock clock;
  RateLimiter::Options options;
  options.burst = 2;
  options.per_second = 1;
  options.max_keys = 2;
  RateLimiter limiter(options, clock);
  for (const char* address : {"10.0.0.1", "10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"}) {
    limiter.Count(address);
  }
  EXPECT_FALSE(limiter.Allows("10.0.0.1")) << "it was not pushed out";
  EXPECT_FALSE(limiter.Allows("10.0.0.9")) << "those without a place share one bucket";
  EXPECT_TRUE(limiter.Allows("10.0.0.2"));
  clock.Advance(std::chrono::seconds(10));
  limiter.Count("10.0.0.9");
  EXPECT_TRUE(limiter.Allows("10.0.0.1"));
}

TEST(RateLimiter, CountsAnIpv6NetworkAsOne) {
  EXPECT_EQ(NetworkOf("2001:db8:1:2::1"), NetworkOf("2001:db8:1:2:ffff::9"));
  EXPECT_NE(NetworkOf("2001:db8:1:2::1"), NetworkOf("2001:db8:1:3::1"));
  EXPECT_EQ(NetworkOf("::ffff:192.0.2.1"), NetworkOf("192.0.2.1"));
}

TEST(Roles, RefuseWhatIsAboveThemAndOtherProjects) {
  TokenIdentity who;
  who.role = Role::kDeveloper;
  who.projects = {"churn"};
  EXPECT_FALSE(RefuseRole(who, Role::kDeveloper).has_value());
  EXPECT_EQ(RefuseRole(who, Role::kApprover)->status, 403);
  EXPECT_FALSE(RefuseProject(who, ProjectName("churn")).has_value());
  EXPECT_EQ(RefuseProject(who, ProjectName("risk"))->status, 403);
}

}  // namespace
}  // namespace failgate
