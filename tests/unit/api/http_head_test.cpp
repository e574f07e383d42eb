#include "controller/api/http_head.h"

#include <gtest/gtest.h>

#include <string>
#include <variant>

namespace failgate {
namespace {

int StatusOf(const std::string& head) {
  const auto parsed = ParseHead(head);
  const auto* fault = std::get_if<HeadFault>(&parsed);
  return fault == nullptr ? 200 : fault->status;
}

ParsedHead Parse(const std::string& head) {
  const auto parsed = ParseHead(head);
  return *std::get_if<ParsedHead>(&parsed);
}

std::string With(const std::string& fields) {
  return "POST /hook HTTP/1.1\r\nHost: x\r\n" + fields + "\r\n";
}

TEST(HeadScanner, FindsTheEndHoweverTheBytesArrive) {
  const std::string head = With("A: b\r\n");
  HeadScanner scanner(16384);
  for (std::size_t size = 1; size < head.size(); ++size) {
    ASSERT_EQ(scanner.Scan(head.substr(0, size)), HeadScanner::Progress::kMore) << size;
  }
  EXPECT_EQ(scanner.Scan(head + "rest"), HeadScanner::Progress::kComplete);
  EXPECT_EQ(scanner.size(), head.size());
}

TEST(HeadScanner, RefusesALineThatDoesNotEndWithCrLfAtOnce) {
  for (const std::string bytes :
       {"GET / HTTP/1.1\n", "\n", "GET / HTTP/1.1\r\nA: b\n", "GET /\rx", "GET /\r\r\n"}) {
    HeadScanner scanner(16384);
    EXPECT_EQ(scanner.Scan(bytes), HeadScanner::Progress::kBad) << bytes;
  }
  HeadScanner scanner(16384);
  EXPECT_EQ(scanner.Scan(std::string("GET /\0", 6)), HeadScanner::Progress::kBad);
}

TEST(HeadScanner, KnowsWhenAHeadIsTooLarge) {
  const std::string head = With("A: " + std::string(100, 'a') + "\r\n");
  HeadScanner exact(head.size());
  EXPECT_EQ(exact.Scan(head), HeadScanner::Progress::kComplete);
  HeadScanner small(head.size() - 1);
  EXPECT_EQ(small.Scan(head), HeadScanner::Progress::kTooLarge);
}

TEST(ParseHead, ReadsAWholeHead) {
  const ParsedHead parsed = Parse(
      "POST /a%2Fb?x=1?2 HTTP/1.1\r\nHost: h:80\r\nX-A: \t one \r\ncontent-LENGTH: 12\r\n\r\n");
  EXPECT_EQ(parsed.head.method, "POST");
  EXPECT_EQ(parsed.head.path, "/a%2Fb");
  EXPECT_EQ(parsed.head.query, "x=1?2");
  EXPECT_EQ(parsed.head.Header("x-a"), "one");
  EXPECT_EQ(parsed.head.content_length, 12U);
  EXPECT_FALSE(parsed.head.chunked);
  EXPECT_TRUE(parsed.keep_alive);
}

TEST(ParseHead, KnowsWhenTheConnectionStays) {
  EXPECT_TRUE(Parse(With("")).keep_alive);
  EXPECT_FALSE(Parse(With("Connection: Upgrade, CLOSE\r\n")).keep_alive);
  EXPECT_FALSE(Parse(With("Connection: close\r\nConnection: keep-alive\r\n")).keep_alive);
  EXPECT_FALSE(Parse("GET / HTTP/1.0\r\n\r\n").keep_alive);
  EXPECT_TRUE(Parse("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n").keep_alive);
}

TEST(ParseHead, KnowsExpectations) {
  using Expectation = ParsedHead::Expectation;
  EXPECT_EQ(Parse(With("Expect: 100-Continue\r\n")).expectation, Expectation::kContinue);
  EXPECT_EQ(Parse(With("Expect: tea\r\n")).expectation, Expectation::kOther);
  EXPECT_EQ(Parse("GET / HTTP/1.0\r\nExpect: tea\r\n\r\n").expectation, Expectation::kNone);
}

TEST(ParseHead, RefusesWhatCouldBeReadInTwoWays) {
  for (const std::string fields : {"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
                                   "Content-Length: 4\r\nContent-Length: 4\r\n",
                                   "Content-Length: 4\r\ncontent-length: 5\r\n",
                                   "Content-Length: +4\r\n",
                                   "Content-Length: -1\r\n",
                                   "Content-Length: 0x4\r\n",
                                   "Content-Length: 12345678901234567890\r\n",
                                   "Content-Length:\r\n",
                                   "Content-Length: 4, 4\r\n",
                                   "Content-Length: 4 4\r\n",
                                   "Transfer-Encoding: xchunked\r\n",
                                   "Transfer-Encoding: chunked, identity\r\n",
                                   "Transfer-Encoding: identity\r\n",
                                   "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
                                   "Transfer-Encoding:\r\n",
                                   " folded\r\n",
                                   "A: b\r\n\tfolded\r\n",
                                   "Name : value\r\n",
                                   "Na me: value\r\n",
                                   ": value\r\n",
                                   "no colon\r\n",
                                   "A: b\x01\r\n",
                                   "A: b\x7f\r\n",
                                   "A(: b\r\n",
                                   "Host: y\r\n",
                                   "Expect: a\r\nExpect: b\r\n",
                                   "Content-Type: a/b\r\nContent-Type: c/d\r\n",
                                   "Authorization: a\r\nAuthorization: b\r\n"}) {
    EXPECT_EQ(StatusOf(With(fields)), 400) << fields;
  }
}

TEST(ParseHead, RefusesRequestLinesThatAreNotExact) {
  for (const std::string line : {"PRI * HTTP/2.0",
                                 "BREW / HTTP/1.1",
                                 "get / HTTP/1.1",
                                 "GET  / HTTP/1.1",
                                 "GET / HTTP/1.1 ",
                                 " GET / HTTP/1.1",
                                 "GET /a b HTTP/1.1",
                                 "GET / HTTP/1.2",
                                 "GET / HTTP/2.0",
                                 "GET / http/1.1",
                                 "GET /",
                                 "GET",
                                 "",
                                 "GET /\xc3\xa4 HTTP/1.1",
                                 "GET /#a HTTP/1.1",
                                 "GET\t/ HTTP/1.1",
                                 "GET  HTTP/1.1"}) {
    EXPECT_EQ(StatusOf(line + "\r\nHost: x\r\n\r\n"), 400) << line;
  }
}

TEST(ParseHead, WantsOneHost) {
  EXPECT_EQ(StatusOf("GET / HTTP/1.1\r\n\r\n"), 400);
  EXPECT_EQ(StatusOf("GET / HTTP/1.1\r\nHost:\r\n\r\n"), 400);
  EXPECT_EQ(StatusOf("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"), 400);
  EXPECT_EQ(StatusOf("GET / HTTP/1.1\r\nHost: a b\r\n\r\n"), 400);
  EXPECT_EQ(StatusOf("GET / HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n"), 200);
  EXPECT_EQ(StatusOf("GET / HTTP/1.0\r\n\r\n"), 200);
  EXPECT_EQ(StatusOf("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"), 400);
}

TEST(ParseHead, CountsFields) {
  std::string fields;
  for (int i = 0; i < 99; ++i) {
    fields += "A: b\r\n";
  }
  EXPECT_EQ(StatusOf(With(fields)), 200);
  EXPECT_EQ(StatusOf(With(fields + "A: b\r\n")), 431);
}

}  // namespace
}  // namespace failgate
