#include "controller/api/connection_request.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

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
  RequestReader reader({16384, 256}, budget);
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

TEST(RequestReader, ReservesTheBodyUntilItGoes) {
  BodyBudget budget(800);
  std::optional<RequestReader> first(std::in_place, RequestReader::Limits{16384, 256}, budget);
  const std::string head = Sized("500", "");
  ASSERT_EQ(first->ReadHead(head).step, Step::kHead);
  ASSERT_EQ(first->AcceptBody(kMaxBody), Step::kNeedMore);
  EXPECT_EQ(budget.used(), 500U);
  EXPECT_EQ(ReadAll(budget, head, 10).status, 503);
  first.reset();
  EXPECT_EQ(budget.used(), 0U);
}

TEST(RequestReader, ReservesChunkedBodiesAsTheyGrow) {
  BodyBudget budget(100);
  EXPECT_EQ(ReadAll(budget, Chunked("c8\r\n" + std::string(200, 'a')), 50).status, 503);
  EXPECT_EQ(budget.used(), 0U);
}

}  // namespace
}  // namespace failgate
