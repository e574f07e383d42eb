#include <gtest/gtest.h>
#include <sys/resource.h>

#include <atomic>
#include <csignal>
#include <future>
#include <memory>
#include <thread>
#include <vector>

#include "controller/store/inbox.h"
#include "tests/unit/store/store_world.h"

namespace failgate {
namespace {

using Kind = AcceptOutcome::Kind;

TEST(InboxLimits, RefusesAtOncePastTheRows) {
  StoreWorld world;
  Inbox::Options options;
  options.max_queued_rows = 2;
  Inbox inbox(world.database, world.folder.path() / "bodies", options, world.clock);
  EXPECT_EQ(AcceptOne(inbox, PushDelivery("1", "{}", world.clock.Now())).kind, Kind::kQueued);
  inbox.Accept(PushDelivery("2", "{}", world.clock.Now()), [](const AcceptOutcome&) {});
  Kind kind = Kind::kFailed;
  inbox.Accept(PushDelivery("3", "{}", world.clock.Now()),
               [&kind](const AcceptOutcome& outcome) { kind = outcome.kind; });
  EXPECT_EQ(kind, Kind::kFull);
  inbox.Step();
  ASSERT_EQ(inbox.TakeQueued(10).size(), 2U);
  EXPECT_EQ(AcceptOne(inbox, PushDelivery("3", "{}", world.clock.Now())).kind, Kind::kQueued);
}

TEST(InboxLimits, RefusesPastTheBytesAlsoAfterARestart) {
  StoreWorld world;
  Inbox::Options options;
  options.max_queued_bytes = 1000;
  {
    Inbox inbox(world.database, world.folder.path() / "bodies", options, world.clock);
    EXPECT_EQ(AcceptOne(inbox, PushDelivery("1", std::string(900, 'a'), world.clock.Now())).kind,
              Kind::kQueued);
  }
  Inbox inbox(world.database, world.folder.path() / "bodies", options, world.clock);
  EXPECT_EQ(AcceptOne(inbox, PushDelivery("2", std::string(200, 'b'), world.clock.Now())).kind,
            Kind::kFull);
  EXPECT_EQ(AcceptOne(inbox, PushDelivery("3", std::string(50, 'c'), world.clock.Now())).kind,
            Kind::kQueued);
}

TEST(InboxLimits, DuplicatesAndIgnoredOnesFillNothing) {
  StoreWorld world;
  Inbox::Options options;
  options.max_queued_rows = 2;
  Inbox inbox(world.database, world.folder.path() / "bodies", options, world.clock);
  EXPECT_EQ(AcceptOne(inbox, PushDelivery("1", "{}", world.clock.Now())).kind, Kind::kQueued);
  for (int i = 0; i < 5; ++i) {
    NewDelivery ignored = PushDelivery("i" + std::to_string(i), "{}", world.clock.Now());
    ignored.kind = NewDelivery::Kind::kIgnored;
    EXPECT_EQ(AcceptOne(inbox, ignored).kind, Kind::kIgnored);
    EXPECT_EQ(AcceptOne(inbox, PushDelivery("1", "{}", world.clock.Now())).kind, Kind::kDuplicate);
  }
  EXPECT_EQ(AcceptOne(inbox, PushDelivery("2", "{}", world.clock.Now())).kind, Kind::kQueued);
}

TEST(InboxLimits, AnswersFullAfterItsStop) {
  StoreWorld world;
  Inbox inbox(world.database, world.folder.path() / "bodies", Inbox::Options(), world.clock);
  Kind waiting = Kind::kFull;
  inbox.Accept(PushDelivery("1", "{}", world.clock.Now()),
               [&waiting](const AcceptOutcome& outcome) { waiting = outcome.kind; });
  inbox.Stop();
  EXPECT_EQ(waiting, Kind::kQueued);
  EXPECT_EQ(AcceptOne(inbox, PushDelivery("2", "{}", world.clock.Now())).kind, Kind::kFull);
}

TEST(InboxLimits, FailsWhileTheDiskRefusesAndGoesOnAfterwards) {
  StoreWorld world;
  Inbox inbox(world.database, world.folder.path() / "bodies", Inbox::Options(), world.clock);
  EXPECT_EQ(AcceptOne(inbox, PushDelivery("1", "{}", world.clock.Now())).kind, Kind::kQueued);
  rlimit old_limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &old_limit), 0);
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  for (const rlim_t bytes : {rlim_t{0}, rlim_t{100}}) {
    const rlimit no_room{bytes, old_limit.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &no_room), 0);
    EXPECT_EQ(AcceptOne(inbox, PushDelivery("2", "[]", world.clock.Now())).kind, Kind::kFailed);
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &old_limit), 0);
  }
  std::signal(SIGXFSZ, old_handler);
  EXPECT_EQ(inbox.Statistics().all.queued, 1);
  const AcceptOutcome again = AcceptOne(inbox, PushDelivery("2", "[]", world.clock.Now()));
  EXPECT_EQ(again.kind, Kind::kQueued);
  EXPECT_EQ(inbox.Body(again.id), "[]");
}

TEST(Inbox, GivesTheAnswersOfOneBatchTogether) {
  StoreWorld world;
  Inbox inbox(world.database, world.folder.path() / "bodies", Inbox::Options(), world.clock);
  int answered = 0;
  std::vector<int> answered_at_end;
  inbox.OnAnswering([&] {
    return std::shared_ptr<void>(nullptr, [&](void*) { answered_at_end.push_back(answered); });
  });
  for (const char* id : {"1", "2", "3"}) {
    inbox.Collect(PushDelivery(id, "{}", world.clock.Now()),
                  [&](const AcceptOutcome&) { ++answered; });
  }
  EXPECT_EQ(answered, 0);
  inbox.Step();
  EXPECT_EQ(answered_at_end, std::vector<int>{3});
}

TEST(Inbox, WritesWhatWasCollectedWhenAsked) {
  StoreWorld world;
  Inbox inbox(world.database, world.folder.path() / "bodies", Inbox::Options(), world.clock);
  inbox.Start();
  std::promise<AcceptOutcome> answer;
  inbox.Collect(PushDelivery("1", "{}", world.clock.Now()),
                [&](const AcceptOutcome& outcome) { answer.set_value(outcome); });
  inbox.Write();
  EXPECT_EQ(answer.get_future().get().kind, Kind::kQueued);
}

TEST(InboxLimits, AnswersEachOfManyThreadsOnce) {
  StoreWorld world;
  Inbox inbox(world.database, world.folder.path() / "bodies", Inbox::Options(), world.clock);
  std::atomic<int> wakes{0};
  inbox.OnQueued([&wakes] { ++wakes; });
  inbox.Start();
  std::atomic<int> queued{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 50; ++i) {
        const std::string id = std::to_string(t) + "-" + std::to_string(i);
        inbox.Accept(PushDelivery(id, "{}", world.clock.Now()), [&](const AcceptOutcome& outcome) {
          if (outcome.kind == Kind::kQueued) ++queued;
        });
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  inbox.Stop();
  EXPECT_EQ(queued, 400);
  EXPECT_GE(wakes, 1);
  EXPECT_EQ(inbox.Statistics().all.queued, 400);
}

}  // namespace
}  // namespace failgate
