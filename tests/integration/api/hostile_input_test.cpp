// What the transport must survive beside the list of bad inputs (webhook_rows.h), over TCP and TLS.
#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

#include "tests/integration/api/raw_client.h"
#include "tests/integration/api/test_front.h"

namespace failgate {
namespace {

const std::string kToken = "X-Token: t\r\n";
const std::string kHook = "POST /hook HTTP/1.1\r\nHost: x\r\n" + kToken;
const std::string kGood = kHook + "Content-Length: 5\r\n\r\nhello";
/// Would be served if somebody took it for a request.
const std::string kHidden = kHook + "Content-Length: 0\r\n\r\n";

struct Row {
  std::string name;
  std::string bytes;
  std::vector<int> answers;  ///< in order
  bool stays_open = false;   ///< else the connection ends after the answers
  int handled = 0;
};

std::ostream& operator<<(std::ostream& out, const Row& row) {
  return out << row.name;
}

std::string Chunked(const std::string& body) {
  return kHook + "Transfer-Encoding: chunked\r\n\r\n" + body;
}
std::vector<Row> FramingRows() {
  return {
      {"good", kGood, {202}, true, 1},
      {"trailer_fields", Chunked("5\r\nhello\r\n0\r\nX-Token: u\r\n\r\n" + kHidden), {400}},
      {"chunk_without_its_end", Chunked("5\r\nhelloworld\r\n0\r\n\r\n"), {400}},
      {"empty_line_first", "\r\n" + kHidden, {400}},
      {"http10_chunked",
       "POST /hook HTTP/1.0\r\n" + kToken + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
       {400}},
  };
}

std::vector<Row> RequestRows() {
  const std::string unknown = "GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n";
  return {
      {"chunked", Chunked("5\r\nhello\r\n0\r\n\r\n"), {202}, true, 1},
      {"pipelined_in_order", kGood + unknown + kGood + kGood, {202, 404, 202, 202}, true, 3},
      {"expect_good", kHook + "Expect: 100-continue\r\nContent-Length: 5\r\n\r\n", {100}, true, 0},
      {"refused_with_a_body",
       "POST /nothing HTTP/1.1\r\nHost: x\r\nContent-Length: 70\r\n\r\n" + kHidden,
       {404}},
      {"refused_without_a_body", unknown, {404}, true},
      {"close_asked_for",
       "GET /plain HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" + kHidden,
       {200},
       false,
       1},
      {"http10", "GET /plain HTTP/1.0\r\n\r\n" + kHidden, {200}, false, 1},
      {"http10_kept", "GET /plain HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", {200}, true, 1},
      {"head", "HEAD /plain HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", {200}, false, 1},
      {"throwing_handler", "GET /throw HTTP/1.1\r\nHost: x\r\n\r\n", {500}, true, 1},
      {"throwing_admission", "GET /refuse-by-throwing HTTP/1.1\r\nHost: x\r\n\r\n", {500}, true},
      {"dropped_responder", "GET /forget HTTP/1.1\r\nHost: x\r\n\r\n", {500}, true, 1},
      {"answer_with_a_split_header", "GET /split HTTP/1.1\r\nHost: x\r\n\r\n", {500}, true, 1},
      {"body_where_none_is_taken",
       "GET /plain HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\na",
       {413}},
  };
}

class HostileInput : public testing::TestWithParam<std::tuple<bool, Row>> {};

TEST_P(HostileInput, GetsItsAnswerAndSmugglesNothing) {
  const auto& [tls, row] = GetParam();
  TestFront front({}, tls);
  RawClient client(front.port(), tls);
  client.Send(row.bytes);
  for (const int expected : row.answers) {
    const auto answer = client.Answer();
    ASSERT_TRUE(answer) << "no answer, expected " << expected;
    EXPECT_EQ(answer->status, expected) << answer->head;
    if (expected == 100) {
      client.Send("hello");
      EXPECT_EQ(client.Answer()->status, 202);
      client.Send(kGood);
      EXPECT_EQ(client.Answer()->body, "hello");
      return;
    }
    EXPECT_NE(answer->head.find("X-Content-Type-Options: nosniff"), std::string::npos);
    if (row.name == "head") {
      break;  // a length without a body: the rest of the connection must be empty
    }
  }
  if (row.stays_open) {
    client.Send(kGood);
    const auto again = client.Answer();
    ASSERT_TRUE(again);
    EXPECT_EQ(again->status, 202);
    EXPECT_EQ(again->body, "hello");
  } else {
    EXPECT_TRUE(client.AtEnd());
  }
  EXPECT_EQ(front.routes.handled.load(), row.handled + (row.stays_open ? 1 : 0));
}

std::string NameOf(const testing::TestParamInfo<std::tuple<bool, Row>>& info) {
  return std::get<1>(info.param).name + (std::get<0>(info.param) ? "_tls" : "");
}

INSTANTIATE_TEST_SUITE_P(Framing,
                         HostileInput,
                         testing::Combine(testing::Bool(), testing::ValuesIn(FramingRows())),
                         NameOf);
INSTANTIATE_TEST_SUITE_P(Requests,
                         HostileInput,
                         testing::Combine(testing::Bool(), testing::ValuesIn(RequestRows())),
                         NameOf);

class SlowOrBrokenOff : public testing::TestWithParam<bool> {
 protected:
  static HttpServerOptions Impatient() {
    HttpServerOptions options;
    options.head_deadline = Milliseconds(100);
    options.request_deadline = Milliseconds(150);
    options.idle_deadline = Milliseconds(200);
    return options;
  }
};

TEST_P(SlowOrBrokenOff, DrippingDoesNotMoveTheDeadline) {
  TestFront front(Impatient(), GetParam());
  RawClient client(front.port(), GetParam());
  while (client.Send("P") && front.server().statistics().timeouts == 0) {
  }
  EXPECT_EQ(front.routes.admitted.load(), 0);
}

TEST_P(SlowOrBrokenOff, IdleConnectionIsClosedInSilence) {
  TestFront front(Impatient(), GetParam());
  RawClient client(front.port(), GetParam());
  EXPECT_TRUE(client.AtEnd());
}

TEST_P(SlowOrBrokenOff, HalfABodyGivesItsRoomBack) {
  TestFront front({}, GetParam());
  {
    RawClient client(front.port(), GetParam());
    client.Send(kHook + "Content-Length: 10\r\n\r\nab");
    client.FinishSending();
    EXPECT_TRUE(client.AtEnd());
  }
  RawClient chunked(front.port(), GetParam());
  chunked.Send(Chunked("5\r\nhello\r\n0\r\n"));
  chunked.FinishSending();
  EXPECT_TRUE(chunked.AtEnd());
  EXPECT_EQ(front.routes.handled.load(), 0);
  front.AwaitEmptyBudget();
}

INSTANTIATE_TEST_SUITE_P(Transport, SlowOrBrokenOff, testing::Bool());

}  // namespace
}  // namespace failgate
