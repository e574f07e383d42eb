// The transport rows of the hostile input table, over TCP and over TLS.
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
std::string WithFields(const std::string& fields) {
  return kHook + fields + "\r\nhello" + kHidden;
}

std::vector<Row> FramingRows() {
  std::vector<Row> rows = {
      {"good", kGood, {202}, true, 1},
      {"row1_length_and_chunked",
       kHook + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + kHidden,
       {400}},
      {"row2_two_equal_lengths", WithFields("Content-Length: 5\r\nContent-Length: 5\r\n"), {400}},
      {"row2_two_other_lengths", WithFields("Content-Length: 5\r\nContent-Length: 0\r\n"), {400}},
      {"row5_bare_lf_line", "POST /hook HTTP/1.1\nHost: x\n\n", {400}},
      {"row5_bare_lf_field", "POST /hook HTTP/1.1\r\nHost: x\nX-Token: t\r\n\r\n", {400}},
      {"row5_bare_lf_chunk_line", Chunked("5\nhello\n0\n\n" + kHidden), {400}},
      {"row5_bare_lf_after_chunk", Chunked("5\r\nhello\n0\r\n\r\n" + kHidden), {400}},
      {"row6_chunk_extension_20k",
       Chunked("5;" + std::string(20480, 'x') + "\r\nhello\r\n0\r\n\r\n"),
       {413}},
      {"row6_endless_chunk_extension", Chunked("5;" + std::string(100'000, 'x')), {413}},
      {"row7_folded_line", WithFields("A: b\r\n c\r\nContent-Length: 5\r\n"), {400}},
      {"row7_blank_before_colon", WithFields("Content-Length : 5\r\n"), {400}},
      {"row7_nul", kHook + std::string("A: \0\r\n", 6) + "\r\n", {400}},
      {"row7_bare_cr", kHook + "A: b\rc\r\n\r\n", {400}},
      {"row8_head_of_17k", kHook + "A: " + std::string(17 * 1024, 'a') + "\r\n\r\n", {431}},
      {"row9_no_host", "POST /hook HTTP/1.1\r\n" + kToken + "Content-Length: 0\r\n\r\n", {400}},
      {"row9_two_hosts", kHook + "Host: y\r\nContent-Length: 0\r\n\r\n", {400}},
      {"row11_unknown_method", "BREW /hook HTTP/1.1\r\nHost: x\r\n\r\n", {400}},
      {"row11_http2_preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {400}},
      {"row11_tls_hello_in_the_clear", std::string("\x16\x03\x01\x02\x00\x01\x00\x01", 8), {400}},
      {"row27_two_content_types",
       WithFields("Content-Type: a/b\r\nContent-Type: c/d\r\nContent-Length: 5\r\n"),
       {400}},
      {"row46_two_authorizations",
       WithFields("Authorization: a\r\nAuthorization: b\r\nContent-Length: 5\r\n"),
       {400}},
      {"trailer_fields", Chunked("5\r\nhello\r\n0\r\nX-Token: u\r\n\r\n" + kHidden), {400}},
      {"chunk_without_its_end", Chunked("5\r\nhelloworld\r\n0\r\n\r\n"), {400}},
      {"empty_line_first", "\r\n" + kHidden, {400}},
      {"http10_chunked",
       "POST /hook HTTP/1.0\r\n" + kToken + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
       {400}},
  };
  for (const std::string length : {"+4", "-1", "0x4", "12345678901234567890", "4,4"}) {
    rows.push_back({"row3_length_" + std::to_string(rows.size()),
                    WithFields("Content-Length: " + length + "\r\n"),
                    {400}});
  }
  for (const std::string coding :
       {"xchunked", "chunked, identity", "identity", "chunked\r\nTransfer-Encoding: chunked"}) {
    rows.push_back({"row4_coding_" + std::to_string(rows.size()),
                    WithFields("Transfer-Encoding: " + coding + "\r\n"),
                    {400}});
  }
  return rows;
}

std::vector<Row> RequestRows() {
  const std::string unknown = "GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n";
  std::vector<Row> rows = {
      {"chunked", Chunked("5\r\nhello\r\n0\r\n\r\n"), {202}, true, 1},
      {"row12_upgrade_h2c",
       "GET /plain HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: "
       "h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n",
       {200},
       true,
       1},
      {"row16_pipelined_without_token",
       kGood + "POST /hook HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi",
       {202, 401},
       false,
       1},
      {"pipelined_in_order", kGood + unknown + kGood + kGood, {202, 404, 202, 202}, true, 3},
      {"row17_expect_and_too_long",
       kHook + "Expect: 100-continue\r\nContent-Length: 1001\r\n\r\n",
       {413}},
      {"row17_expect_good",
       kHook + "Expect: 100-continue\r\nContent-Length: 5\r\n\r\n",
       {100},
       true,
       0},
      {"row18_other_expectation", kHook + "Expect: other\r\nContent-Length: 5\r\n\r\nhello", {417}},
      {"row19_absolute_form",
       "POST http://evil/hook HTTP/1.1\r\nHost: x\r\n" + kToken + "Content-Length: 0\r\n\r\n",
       {404},
       true},
      {"row22_length_2gb", kHook + "Content-Length: 2147483648\r\n\r\n", {413}},
      {"row23_endless_chunks",
       Chunked("200\r\n" + std::string(512, 'a') + "\r\n200\r\n" + std::string(512, 'a') + "\r\n"),
       {413}},
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
  for (const std::string method : {"GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"}) {
    rows.push_back({"row10_" + method,
                    method + " /hook HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
                    {405}});
  }
  for (const std::string path :
       {"/a/../hook", "/%2e%2e/hook", "//hook", "/hook;x", "/hook%00", "/other"}) {
    rows.push_back(
        {"row20_" + std::to_string(rows.size()),
         "POST " + path + " HTTP/1.1\r\nHost: x\r\n" + kToken + "Content-Length: 0\r\n\r\n",
         {404},
         true});
  }
  return rows;
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
    if (row.name == "head" || row.name == "row10_HEAD") {
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

TEST_P(SlowOrBrokenOff, HeadIsAnswered408) {
  TestFront front(Impatient(), GetParam());
  RawClient client(front.port(), GetParam());
  client.Send("POST /hook HTTP/1.1\r\nHost: x");
  EXPECT_EQ(client.Answer()->status, 408);
  EXPECT_TRUE(client.AtEnd());
  EXPECT_EQ(front.server().statistics().timeouts, 1U);
}

TEST_P(SlowOrBrokenOff, BodyIsAnswered408) {
  TestFront front(Impatient(), GetParam());
  RawClient client(front.port(), GetParam());
  client.Send(kHook + "Content-Length: 10\r\n\r\nab");
  EXPECT_EQ(client.Answer()->status, 408);
  EXPECT_TRUE(client.AtEnd());
  EXPECT_EQ(front.routes.handled.load(), 0);
}

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

TEST_P(SlowOrBrokenOff, HalfABodyIsNotProcessed) {
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
