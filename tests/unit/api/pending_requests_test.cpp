#include "controller/api/pending_requests.h"

#include <gtest/gtest.h>

#include "tests/unit/api/recording_sink.h"
#include "tests/unit/store/store_world.h"

namespace failgate {
namespace {

struct PendingWorld : StoreWorld {
  RequestStore requests{database, clock};
  std::string trouble;
  PendingRequests pending{PendingRequests::Options{}, requests, [this] { return trouble; }, clock};

  std::string Ask() {
    Request request;
    request.kind = "promote";
    request.project = ProjectName("churn");
    return requests.Add(request);
  }
};

constexpr const char* kDone = R"({"http":202,"request":"x","status":"accepted"})";

TEST(PendingRequests, AnswerOnceThePromoterHasWritten) {
  PendingWorld world;
  const auto answer = std::make_shared<RecordedAnswer>();
  const std::string id = world.Ask();
  world.pending.Wait(id, RespondTo(answer));
  EXPECT_EQ(answer->status(), 0);
  world.pending.Answered("another", kDone);
  world.pending.Answered(id, kDone);
  world.pending.Answered(id, kDone);
  EXPECT_EQ(answer->status(), 202);
  EXPECT_EQ(answer->body(), "{\"request\":\"x\",\"status\":\"accepted\"}\n");
}

TEST(PendingRequests, AnswerAtOnceWhatWasFinishedMeanwhile) {
  PendingWorld world;
  const auto answer = std::make_shared<RecordedAnswer>();
  const std::string id = world.Ask();
  world.requests.Finish(id,
                        RequestState::kRefused,
                        R"({"http":409,"request":"x","error":{"code":"c","message":"m"}})");
  world.pending.Wait(id, RespondTo(answer));
  EXPECT_EQ(answer->status(), 409);
}

TEST(PendingRequests, SayNotWrittenYetAfterThirtySeconds) {
  PendingWorld world;
  world.trouble = "the remote cannot be reached";
  const auto answer = std::make_shared<RecordedAnswer>();
  const std::string id = world.Ask();
  world.pending.Wait(id, RespondTo(answer));
  world.clock.Advance(std::chrono::seconds(29));
  world.pending.Expire();
  EXPECT_EQ(answer->status(), 0);
  world.clock.Advance(std::chrono::seconds(1));
  world.pending.Expire();
  EXPECT_EQ(answer->status(), 503);
  EXPECT_NE(answer->body().find("not_written_yet"), std::string::npos);
  EXPECT_NE(answer->body().find(id), std::string::npos);
  EXPECT_NE(answer->body().find("the remote cannot be reached"), std::string::npos);
  world.pending.Answered(id, kDone);
  EXPECT_EQ(answer->status(), 503);
}

TEST(PendingRequests, LetNobodyHangWhenTheProgramEnds) {
  PendingWorld world;
  const auto answer = std::make_shared<RecordedAnswer>();
  world.pending.Wait(world.Ask(), RespondTo(answer));
  world.pending.ExpireAll();
  EXPECT_EQ(answer->status(), 503);
}

TEST(PendingRequests, AreBounded) {
  StoreWorld store;
  RequestStore requests(store.database, store.clock);
  PendingRequests pending(
      PendingRequests::Options{Milliseconds(1000), 1},
      requests,
      [] { return std::string(); },
      store.clock);
  EXPECT_TRUE(pending.HasRoom());
  const auto answer = std::make_shared<RecordedAnswer>();
  pending.Wait(requests.Add(Request{}), RespondTo(answer));
  EXPECT_FALSE(pending.HasRoom());
}

TEST(FinishedAnswer, RefusesToPassOnWhatItCannotRead) {
  EXPECT_EQ(FinishedAnswer("").status, 500);
  EXPECT_EQ(FinishedAnswer("{}").status, 500);
  EXPECT_EQ(FinishedAnswer(R"({"http":7})").status, 500);
}

}  // namespace
}  // namespace failgate
