#include "controller/api/connection_request.h"

#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace failgate {
namespace {

using Step = RequestReader::Step;
constexpr std::uint64_t kMaxBody = 1000;

struct Outcome {
  Step step = Step::kNeedMore;
  int status = 0;
  std::string body;
  std::size_t unread = 0;
};

/// Feeds `bytes` in pieces of `piece`, as a socket would.
Outcome ReadAll(BodyBudget& budget, const std::string& bytes, std::size_t piece) {
  RequestReader reader({16384, 256, {}}, budget);
  std::string pending;
  bool in_body = false;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    pending += bytes.substr(at, piece);
    RequestReader::Progress progress =
        in_body ? reader.ReadBody(pending) : reader.ReadHead(pending);
    pending.erase(0, progress.consumed);
    if (progress.step == Step::kHead) {
      in_body = true;
      progress.step = reader.AcceptBody(kMaxBody);
      if (progress.step == Step::kNeedMore && !pending.empty()) {
        progress = reader.ReadBody(pending);
        pending.erase(0, progress.consumed);
      }
    }
    if (progress.step == Step::kRefused) {
      return {progress.step, reader.refusal_status(), {}, 0};
    }
    if (progress.step == Step::kDone) {
      const std::size_t unread = pending.size() + bytes.size() - std::min(bytes.size(), at + piece);
      return {progress.step, 200, reader.TakeRequest().body, unread};
    }
  }
  return {};
}

std::string Sized(const std::string& length, const std::string& body) {
  return "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " + length + "\r\n\r\n" + body;
}

std::string Chunked(const std::string& body) {
  return "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + body;
}

class RequestReaderInPieces : public testing::TestWithParam<std::size_t> {
 protected:
  Outcome Read(const std::string& bytes) { return ReadAll(budget_, bytes, GetParam()); }
  BodyBudget budget_{100'000};
};

TEST_P(RequestReaderInPieces, ReadsBodiesAndLeavesWhatFollows) {
  EXPECT_EQ(Read(Sized("5", "helloGET")).body, "hello");
  EXPECT_EQ(Read(Sized("5", "helloGET")).unread, 3U);
  const Outcome chunked = Read(Chunked("5\r\nhello\r\n6;a=b\r\n world\r\n0\r\n\r\nGET"));
  EXPECT_EQ(chunked.body, "hello world");
  EXPECT_EQ(chunked.unread, 3U);
  EXPECT_EQ(Read(Chunked("0\r\n\r\n")).step, Step::kDone);
  EXPECT_EQ(Read("GET / HTTP/1.1\r\nHost: x\r\n\r\n").step, Step::kDone);
  EXPECT_EQ(budget_.used(), 0U);
}

TEST_P(RequestReaderInPieces, WaitsForAWholeBody) {
  EXPECT_EQ(Read(Sized("5", "hell")).step, Step::kNeedMore);
  EXPECT_EQ(Read(Chunked("5\r\nhello\r\n")).step, Step::kNeedMore);
  EXPECT_EQ(Read(Chunked("5\r\nhello\r\n0\r\n")).step, Step::kNeedMore);
}

TEST_P(RequestReaderInPieces, RefusesBrokenChunks) {
  for (const std::string body : {"5\nhello\r\n0\r\n\r\n",
                                 "5\r\nhello\n0\r\n\r\n",
                                 "5\r\nhello0\r\n\r\n",
                                 "5\r\nhello\r\n0\n\n",
                                 "5\rhello",
                                 "x\r\nhello",
                                 "-5\r\nhello\r\n0\r\n\r\n",
                                 "0x5\r\nhello\r\n0\r\n\r\n",
                                 "\r\n\r\nhello",
                                 "+5\r\nhello\r\n0\r\n\r\n",
                                 "5 5\r\nhello\r\n0\r\n\r\n",
                                 "5\r\nhelloX\r\n0\r\n\r\n",
                                 "FFFFFFFFFFFFFFFFF\r\n",
                                 "5;\x01\r\nhello\r\n0\r\n\r\n",
                                 "0\r\nX-Late: 1\r\n\r\n",
                                 "0\r\nContent-Length: 5\r\n\r\n",
                                 "5\r\nhello\r\n0\r\nA : b\r\n\r\n"}) {
    const Outcome outcome = Read(Chunked(body));
    EXPECT_EQ(outcome.step, Step::kRefused) << body;
    EXPECT_EQ(outcome.status == 413 ? 400 : outcome.status, 400) << body;
  }
  EXPECT_EQ(budget_.used(), 0U);
}

TEST_P(RequestReaderInPieces, RefusesWhatIsTooLong) {
  EXPECT_EQ(Read(Sized("1001", "")).status, 413);
  EXPECT_EQ(Read(Sized("2147483648", "")).status, 413);
  EXPECT_EQ(Read(Chunked("3e9\r\n")).status, 413);
  EXPECT_EQ(Read(Chunked("7fffffffffffffff\r\n")).status, 413);
  std::string many = Chunked("");
  for (int i = 0; i < 11; ++i) {
    many += "64\r\n" + std::string(100, 'a') + "\r\n";
  }
  EXPECT_EQ(Read(many).status, 413);
  EXPECT_EQ(Read(Chunked("1;" + std::string(20'000, 'e') + "\r\na\r\n0\r\n\r\n")).status, 413);
  EXPECT_EQ(Read(Chunked("0;" + std::string(20'000, 'e') + "\r\n\r\n")).status, 413);
  EXPECT_EQ(Read(Chunked("1;" + std::string(255, 'e') + "\r\na\r\n0\r\n\r\n")).step, Step::kDone);
  EXPECT_EQ(Read(Chunked("1;" + std::string(256, 'e') + "\r\na\r\n0\r\n\r\n")).status, 413);
}

INSTANTIATE_TEST_SUITE_P(Pieces, RequestReaderInPieces, testing::Values(1U, 3U, 7U, 100'000U));

constexpr std::size_t kMiB = std::size_t{1} << 20U;

/// Past the head of a body of that length.
class Waiting {
 public:
  Waiting(BodyBudget& budget, std::size_t length, std::function<bool()> make_room = {})
      : reader_(RequestReader::Limits{16384, 256, std::move(make_room)}, budget) {
    EXPECT_EQ(reader_.ReadHead(Sized(std::to_string(length), "")).step, Step::kHead);
    step_ = reader_.AcceptBody(16 * kMiB);
  }
  [[nodiscard]] Step step() const { return step_; }
  Step Feed(std::size_t bytes) { return reader_.ReadBody(std::string(bytes, 'a')).step; }

 private:
  RequestReader reader_;
  Step step_ = Step::kRefused;
};

TEST(RequestReader, ReservesALargeBodyUntilItGoes) {
  BodyBudget budget(8 * kMiB);
  auto first = std::make_optional<Waiting>(budget, 4 * kMiB);
  EXPECT_EQ(first->step(), Step::kNeedMore);
  EXPECT_EQ(budget.used(), 4 * kMiB);
  EXPECT_EQ(Waiting(budget, 4 * kMiB).step(), Step::kRefused);
  first.reset();
  EXPECT_EQ(budget.used(), 0U);
}

TEST(RequestReader, ReservesASmallBodyAsItsBytesComeIn) {
  BodyBudget budget(8 * kMiB);
  Waiting slow(budget, 200'000);
  EXPECT_EQ(slow.step(), Step::kNeedMore);
  EXPECT_EQ(slow.Feed(10), Step::kNeedMore);
  EXPECT_LE(budget.used(), 20'000U);
  EXPECT_EQ(slow.Feed(100'000), Step::kNeedMore);
  EXPECT_GE(budget.used(), 100'010U);
  EXPECT_EQ(slow.Feed(99'990), Step::kDone);
  EXPECT_EQ(budget.used(), 200'000U);
}

TEST(RequestReader, LeavesRoomForSmallBodiesHoweverManyLargeOnesCome) {
  BodyBudget budget(8 * kMiB);
  std::vector<Waiting> large;
  large.reserve(20);
  for (int i = 0; i < 20; ++i) large.emplace_back(budget, kMiB);
  EXPECT_EQ(large[6].step(), Step::kNeedMore);
  EXPECT_EQ(large[7].step(), Step::kRefused);
  Waiting small(budget, 200'000);
  EXPECT_EQ(small.step(), Step::kNeedMore);
  EXPECT_EQ(small.Feed(200'000), Step::kDone);
}

TEST(RequestReader, AsksForRoomOnceForEachTryOfASmallBody) {
  BodyBudget budget(60'000);
  auto stalled = std::make_optional<Waiting>(budget, 50'000);
  EXPECT_EQ(stalled->Feed(49'000), Step::kNeedMore);
  int asked = 0;
  Waiting small(budget, 20'000, [&] {
    ++asked;
    stalled.reset();
    return asked == 1;
  });
  EXPECT_EQ(small.step(), Step::kNeedMore);
  EXPECT_EQ(asked, 1);
  Waiting refused(budget, 50'000, [] { return false; });
  EXPECT_EQ(refused.Feed(49'000), Step::kRefused);
}

TEST(RequestReader, ReservesChunkedBodiesAsTheyGrow) {
  BodyBudget budget(100);
  EXPECT_EQ(ReadAll(budget, Chunked("c8\r\n" + std::string(200, 'a')), 50).status, 503);
  EXPECT_EQ(budget.used(), 0U);
}

}  // namespace
}  // namespace failgate
