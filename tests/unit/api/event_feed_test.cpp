#include "controller/api/event_feed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/api/recording_sink.h"
#include "tests/unit/store/store_world.h"

namespace failgate {
namespace {

using testing::HasSubstr;
using testing::Not;

struct FeedWorld : StoreWorld {
  TokenStore tokens{database, clock};
  EventFeed feed{EventFeed::Options{2, std::chrono::seconds(15)}, tokens, clock};

  std::shared_ptr<RecordedAnswer> Listen(const std::vector<std::string>& projects) {
    const auto made = tokens.Create({"Al", "al@example.com"}, Role::kViewer, projects, {});
    last_token = made.id;
    auto answer = std::make_shared<RecordedAnswer>();
    feed.Listen(
        RespondTo(answer), made.token, *tokens.Authenticate(made.token.Reveal(), clock.Now()));
    return answer;
  }
  std::string last_token;
};

TEST(EventFeed, TellsEachListenerWhatItsTokenCovers) {
  FeedWorld world;
  const auto all = world.Listen({});
  const auto risk = world.Listen({"risk"});
  world.feed.Tell({"run", R"({"id":"r1"})", {ProjectName("churn")}});
  world.feed.Tell({"fact", R"({"fact":"started"})", {}});
  EXPECT_THAT(*all->stream.Lock(), HasSubstr("event: run\ndata: {\"id\":\"r1\"}\n\n"));
  EXPECT_THAT(*all->stream.Lock(), HasSubstr("started"));
  EXPECT_THAT(*risk->stream.Lock(), Not(HasSubstr("data:")));
}

TEST(EventFeed, TurnsAwayTheOneTooMany) {
  FeedWorld world;
  const auto first = world.Listen({});
  const auto second = world.Listen({});
  const auto third = world.Listen({});
  EXPECT_EQ(second->status(), 200);
  EXPECT_EQ(third->status(), 503);
}

TEST(EventFeed, BeatsAndDropsThoseWhoLeftOrWhoseTokenWasRevoked) {
  FeedWorld world;
  const auto left = world.Listen({});
  const auto revoked = world.Listen({});
  world.tokens.Revoke(world.last_token);
  *left->gone.Lock() = true;
  world.feed.Beat();
  EXPECT_EQ(world.feed.listeners(), 2U) << "not due yet";
  world.clock.Advance(std::chrono::seconds(15));
  world.feed.Beat();
  EXPECT_EQ(world.feed.listeners(), 0U);
  EXPECT_TRUE(*revoked->gone.Lock()) << "its stream was ended";
  const auto stays = world.Listen({});
  world.clock.Advance(std::chrono::seconds(15));
  world.feed.Beat();
  EXPECT_THAT(*stays->stream.Lock(), HasSubstr(": alive"));
  world.feed.Close();
  EXPECT_TRUE(*stays->gone.Lock());
  EXPECT_EQ(world.Listen({})->status(), 503);
}

}  // namespace
}  // namespace failgate
