#include <string>
#include <utility>
#include <vector>

#include "tests/integration/api/webhook_rows.h"

namespace failgate {
namespace {

const TestSender& Github() {
  return TestSenderOf("github");
}

/// An ordinary push under an id of its own: no row is the duplicate of another.
RawDelivery Push(const std::string& id) {
  return With(Proven(Github()), "X-GitHub-Delivery", id);
}

/// Would be stored if somebody took it for a request.
std::string Hidden() {
  return RawHook(Github(), Push("hidden"));
}

/// The head of a push up to its framing, which `fields` are; each ends CR LF.
std::string Head(const std::string& fields, const std::string& id = "framed") {
  const RawDelivery push = Push(id);
  std::string head = "POST /hooks/github HTTP/1.1\r\nHost: test\r\n";
  for (const auto& header : push.headers) {
    head += header.first + ": " + header.second + "\r\n";
  }
  return head + fields + "\r\n";
}

std::string Length() {
  return "Content-Length: " + std::to_string(Push("").body.size()) + "\r\n";
}

std::string WithFields(const std::string& fields) {
  return Head(fields) + Push("").body + Hidden();
}

std::string Chunked(const std::string& chunks) {
  return Head("Transfer-Encoding: chunked\r\n") + chunks;
}

std::vector<WebhookRow> FramingRows() {
  std::vector<WebhookRow> rows = {
      {1,
       "length and chunks",
       Head("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n") + "0\r\n\r\n" + Hidden(),
       {"400"}},
      {2, "equal lengths", WithFields(Length() + Length()), {"400"}},
      {2, "other lengths", WithFields(Length() + "Content-Length: 0\r\n"), {"400"}},
      {5, "bare LF line", "POST /hooks/github HTTP/1.1\nHost: x\n\n", {"400"}},
      {5, "bare LF field", Replaced(Hidden(), "Host: test\r\n", "Host: test\n"), {"400"}},
      {5, "bare LF chunk line", Chunked("5\nhello\n0\n\n" + Hidden()), {"400"}},
      {5, "bare LF after a chunk", Chunked("5\r\nhello\n0\r\n\r\n" + Hidden()), {"400"}},
      {6,
       "extension of 20 KB",
       Chunked("5;" + std::string(20480, 'x') + "\r\nhello\r\n0\r\n\r\n"),
       {"413"}},
      {6, "endless extension", Chunked("5;" + std::string(100'000, 'x')), {"413"}},
      {7, "folded line", WithFields("A: b\r\n c\r\n" + Length()), {"400"}},
      {7, "blank before the colon", WithFields("Content-Length : 5\r\n"), {"400"}},
      {7, "NUL", WithFields(std::string("A: \0\r\n", 6) + Length()), {"400"}},
      {7, "bare CR", WithFields("A: b\rc\r\n" + Length()), {"400"}},
      {8, "head of 17 KB", WithFields("A: " + std::string(17 * 1024, 'a') + "\r\n"), {"431"}},
      {9, "no host", Replaced(Hidden(), "Host: test\r\n", ""), {"400"}},
      {9, "two hosts", Replaced(Hidden(), "Host: test\r\n", "Host: a\r\nHost: b\r\n"), {"400"}},
      {11, "unknown method", Replaced(Hidden(), "POST", "BREW"), {"400"}},
      {11, "preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {"400"}},
      {11, "hello of TLS", std::string("\x16\x03\x01\x02\x00\x01\x00\x01", 8), {"400"}},
      {15, "part of a body", Head("Content-Length: 10\r\n", "half") + "ab", {}, true},
      {15, "part of the chunks", Chunked("5\r\nhello\r\n0\r\n"), {}, true},
      {22, "2 GB declared", Head("Content-Length: 2147483648\r\n"), {"413"}},
  };
  for (const std::string length : {"+4", "-1", "0x4", "12345678901234567890", "4,4"}) {
    rows.push_back({3, length, WithFields("Content-Length: " + length + "\r\n"), {"400"}});
  }
  for (const std::string coding :
       {"xchunked", "chunked, identity", "identity", "chunked\r\nTransfer-Encoding: chunked"}) {
    rows.push_back({4, coding, WithFields("Transfer-Encoding: " + coding + "\r\n"), {"400"}});
  }
  std::string endless;
  for (std::size_t sent = 0; sent < kRowsMaxBodyBytes; sent += 0x10000) {
    endless += "10000\r\n" + std::string(0x10000, ' ') + "\r\n";
  }
  rows.push_back({23, "endless chunks", Chunked(endless + "10000\r\n    "), {"413"}});
  return rows;
}

std::vector<WebhookRow> RouteRows() {
  std::vector<WebhookRow> rows = {
      {12,
       "asks for h2c",
       RawHook(Github(),
               Plus(Plus(Push("h2c"), "Upgrade", "h2c"), "HTTP2-Settings", "AAMAAABkAAQAAP__")),
       {"202 queued"}},
      {16,
       "pipelined without a proof",
       KeptOpen(RawHook(Github(), Push("first"))) +
           RawHook(Github(), Without(Push("second"), "X-Hub-Signature-256")),
       {"202 queued", "401"}},
      {17,
       "asks to go on, too long",
       Head("Expect: 100-continue\r\nContent-Length: 1048577\r\n"),
       {"413"}},
      {18, "other expectation", WithFields("Expect: other\r\n" + Length()), {"417"}},
      {19, "absolute form", RawHookAs("POST", "http://evil/hooks/github", Push("abs")), {"404"}},
      {22,
       "too long before 415",
       Head("Content-Length: 1048577\r\nContent-Encoding: gzip\r\n"),
       {"413"}},
  };
  RawDelivery empty = Push("method");
  empty.body = "";
  for (const std::string method : {"GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"}) {
    rows.push_back({10, method, RawHookAs(method, "/hooks/github", empty), {"405"}});
  }
  for (const std::string path : {"/hooks/../hooks/github",
                                 "/hooks/%2e%2e/github",
                                 "/hooks/%67ithub",
                                 "/hooks//github",
                                 "/hooks/github/",
                                 "/hooks/github/x",
                                 "/hooks/github;x",
                                 "/hooks/github%00",
                                 "/hooks/nobody",
                                 "/hooks/quiet",
                                 "/hooks/"}) {
    rows.push_back({20, path, RawHookAs("POST", path, Push("path")), {"404"}});
    rows.push_back({20, "GET " + path, RawHookAs("GET", path, empty), {"404"}});
  }
  return rows;
}

}  // namespace

std::vector<WebhookRow> TransportRows() {
  std::vector<WebhookRow> rows = FramingRows();
  for (WebhookRow& row : RouteRows()) {
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<WebhookRow> SlowRows() {
  return {{13, "part of a head", "POST /hooks/github HTTP/1.1\r\nHost: x", {"408"}},
          {14, "2 of 10 bytes", Head("Content-Length: 10\r\n", "slow") + "ab", {"408"}}};
}

}  // namespace failgate
