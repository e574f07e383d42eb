#include "controller/store/token_store.h"

#include <gtest/gtest.h>

#include "tests/unit/store/store_world.h"

namespace failgate {
namespace {

struct TokenWorld : StoreWorld {
  TokenStore tokens{database, clock};
  TokenStore::Created Create(std::optional<TimePoint> expires = std::nullopt) {
    return tokens.Create(Person{"Alice", "alice@example.com"}, Role::kApprover, {"churn"}, expires);
  }
  std::optional<TokenIdentity> Authenticate(const std::string& token) {
    return tokens.Authenticate(token, clock.Now());
  }
};

TEST(TokenStore, KnowsWhoShowsAToken) {
  TokenWorld world;
  const TokenStore::Created created = world.Create();
  EXPECT_EQ(created.token.Reveal().size(), 46U);
  EXPECT_EQ(created.token.Reveal().substr(0, 3), "fg_");
  const std::optional<TokenIdentity> identity = world.Authenticate(created.token.Reveal());
  ASSERT_TRUE(identity.has_value());
  EXPECT_EQ(identity->person.email, "alice@example.com");
  EXPECT_EQ(identity->role, Role::kApprover);
  EXPECT_TRUE(identity->Covers(ProjectName("churn")));
  EXPECT_FALSE(identity->Covers(ProjectName("pricing")));
}

TEST(TokenStore, KeepsNoTokenOnDisk) {
  TokenWorld world;
  const TokenStore::Created created = world.Create();
  world.database.Checkpoint();
  for (const char* part : {"", "-wal"}) {
    const std::string bytes = ReadFile(world.database.path().string() + part);
    EXPECT_EQ(bytes.find(created.token.Reveal().substr(3)), std::string::npos);
  }
}

TEST(TokenStore, RefusesWhatIsNoTokenOrUnknown) {
  TokenWorld world;
  std::string token = world.Create().token.Reveal();
  token.back() = token.back() == 'A' ? 'B' : 'A';
  EXPECT_FALSE(world.Authenticate(token).has_value());
  EXPECT_FALSE(world.Authenticate("").has_value());
  EXPECT_FALSE(world.Authenticate(token.substr(0, 45)).has_value());
  EXPECT_FALSE(world.Authenticate("xx_" + token.substr(3)).has_value());
}

TEST(TokenStore, RefusesExpiredTokens) {
  TokenWorld world;
  const std::string token = world.Create(world.clock.Now() + std::chrono::hours(1)).token.Reveal();
  EXPECT_TRUE(world.Authenticate(token).has_value());
  world.clock.Advance(std::chrono::hours(1));
  EXPECT_FALSE(world.Authenticate(token).has_value());
}

TEST(TokenStore, RefusesRevokedTokensAndListsThem) {
  TokenWorld world;
  const TokenStore::Created created = world.Create();
  EXPECT_TRUE(world.tokens.Revoke(created.id));
  const TimePoint revoked = world.clock.Now();
  world.clock.Advance(std::chrono::hours(1));
  EXPECT_TRUE(world.tokens.Revoke(created.id));
  EXPECT_FALSE(world.tokens.Revoke("unknown"));
  EXPECT_FALSE(world.Authenticate(created.token.Reveal()).has_value());
  EXPECT_EQ(world.tokens.List().at(0).revoked, revoked);
}

TEST(TokenStore, OwesTheLogEachChangeUntilItIsTold) {
  TokenWorld world;
  const std::string id =
      world.tokens.Create({"Al", "al@example.com"}, Role::kViewer, {}, std::nullopt, "root").id;
  EXPECT_TRUE(world.tokens.Revoke(id, "olga"));
  EXPECT_TRUE(world.tokens.Revoke(id, "eve")) << "it is revoked already";
  const std::vector<TokenChange> owed = world.tokens.OwedChanges(10);
  ASSERT_EQ(owed.size(), 2U);
  EXPECT_FALSE(owed[0].revoked);
  EXPECT_EQ(owed[0].by, "root");
  EXPECT_EQ(owed[0].token.identity.id, id);
  EXPECT_TRUE(owed[1].revoked);
  EXPECT_EQ(owed[1].by, "olga");
  EXPECT_LT(owed[0].id, owed[1].id);
  EXPECT_EQ(world.tokens.OwedChanges(1).size(), 1U);
  world.tokens.MarkTold(owed[0].id);
  ASSERT_EQ(world.tokens.OwedChanges(10).size(), 1U);
  EXPECT_EQ(world.tokens.OwedChanges(10)[0].id, owed[1].id);
}

TEST(Role, IncludesTheOnesBelow) {
  EXPECT_TRUE(Includes(Role::kOperator, Role::kViewer));
  EXPECT_FALSE(Includes(Role::kDeveloper, Role::kApprover));
  EXPECT_EQ(ParseRole("approver"), Role::kApprover);
  EXPECT_EQ(ParseRole("root"), std::nullopt);
}

}  // namespace
}  // namespace failgate
