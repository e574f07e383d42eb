#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "controller/api/http_message.h"
#include "controller/api/responder.h"
#include "controller/api/response_head.h"
#include "controller/base/error.h"

namespace failgate {
namespace {

class RecordingSink final : public ResponseSink {
 public:
  explicit RecordingSink(std::vector<int>& statuses) : statuses_(statuses) {}
  void Send(HttpResponse response) override { statuses_.push_back(response.status); }
  StreamWriter StartStream(HttpResponse head) override {
    statuses_.push_back(head.status);
    return {};
  }

 private:
  std::vector<int>& statuses_;
};

TEST(ResponseHead, HoldsWhatEveryAnswerNeeds) {
  const std::string head = SerializeResponseHead(
      StatusResponse(405, {{"Allow", "POST"}}), {23, false, true}, "Mon, 23 Nov 2026 09:00:00 GMT");
  EXPECT_EQ(head,
            "HTTP/1.1 405 Method Not Allowed\r\nDate: Mon, 23 Nov 2026 09:00:00 GMT\r\n"
            "Content-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\n"
            "Cache-Control: no-store\r\nContent-Security-Policy: default-src 'none'; "
            "frame-ancestors 'none'\r\nReferrer-Policy: no-referrer\r\n"
            "Content-Length: 23\r\nAllow: POST\r\nConnection: close\r\n\r\n");
}

TEST(ResponseHead, LeavesTheLengthOutWhereNoneBelongs) {
  HttpResponse response;
  response.status = 204;
  EXPECT_EQ(SerializeResponseHead(response, {0, true, true}, "d").find("Content-Length"),
            std::string::npos);
  response.status = 200;
  EXPECT_EQ(SerializeResponseHead(response, {std::nullopt, true, true}, "d").find("Content-Length"),
            std::string::npos);
  EXPECT_NE(SerializeResponseHead(response, {0, true, false}, "d").find("Connection: keep-alive"),
            std::string::npos);
}

TEST(ResponseHead, CannotBeSplitByAValue) {
  HttpResponse response;
  EXPECT_TRUE(IsSendable(response));
  response.headers = {{"Location", "/a\r\nSet-Cookie: x"}};
  EXPECT_FALSE(IsSendable(response));
  response.headers = {{"Bad: name", "x"}};
  EXPECT_FALSE(IsSendable(response));
  response.headers.clear();
  response.status = 99;
  EXPECT_FALSE(IsSendable(response));
}

TEST(HttpDate, IsFixedFormat) {
  EXPECT_EQ(FormatHttpDate(TimePoint(Milliseconds(784'111'777'999))),
            "Sun, 06 Nov 1994 08:49:37 GMT");
}

TEST(RequestHead, GivesAHeaderOnlyWhenThereIsOne) {
  RequestHead head;
  head.headers = {{"X-A", "1"}, {"x-b", "2"}, {"X-B", "3"}};
  EXPECT_EQ(head.Header("x-a"), "1");
  EXPECT_FALSE(head.Header("X-B"));
  EXPECT_EQ(head.HeaderCount("X-b"), 2U);
  EXPECT_FALSE(head.Header("x-c"));
}

TEST(Responder, AnswersOnce) {
  std::vector<int> statuses;
  {
    Responder responder(std::make_unique<RecordingSink>(statuses));
    responder.Send(StatusResponse(202));
    EXPECT_TRUE(responder.answered());
    EXPECT_THROW(responder.Send(StatusResponse(200)), Error);
    EXPECT_THROW(static_cast<void>(responder.StartStream({})), Error);
  }
  EXPECT_EQ(statuses, std::vector<int>{202});
}

TEST(Responder, AnswersForWhoeverForgotTo) {
  std::vector<int> statuses;
  {
    Responder first(std::make_unique<RecordingSink>(statuses));
    const Responder second(std::move(first));
  }
  EXPECT_EQ(statuses, std::vector<int>{500});
}

}  // namespace
}  // namespace failgate
