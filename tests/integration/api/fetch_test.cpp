// The outbound client against our own front, and against servers that misbehave.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <functional>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>

#include "controller/base/durable_file.h"
#include "controller/base/error.h"
#include "controller/http/http_client.h"
#include "tests/integration/api/test_front.h"

namespace failgate {
namespace {

/// Accepts one connection and sends `bytes`, then holds it open until the end of the test, or goes
/// on byte by byte until the client leaves.
class OneAnswerServer {
 public:
  explicit OneAnswerServer(std::string bytes, bool endless = false)
      : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    Check(bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), size) == 0, "bind");
    Check(listen(listener_.get(), 8) == 0, "listen");
    Check(getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0, "name");
    url_ = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/x?token=geheim";
    thread_ = std::thread([this, endless, answer = std::move(bytes)] {
      peer_ = FileDescriptor(accept(listener_.get(), nullptr, nullptr));
      static_cast<void>(send(peer_.get(), answer.data(), answer.size(), MSG_NOSIGNAL));
      while (endless && send(peer_.get(), "a", 1, MSG_NOSIGNAL) == 1) {
      }
    });
  }
  ~OneAnswerServer() { thread_.join(); }
  OneAnswerServer(const OneAnswerServer&) = delete;
  OneAnswerServer& operator=(const OneAnswerServer&) = delete;
  [[nodiscard]] const std::string& url() const { return url_; }

 private:
  FileDescriptor listener_;
  FileDescriptor peer_;
  std::string url_;
  std::thread thread_;
};

struct Failure {
  Remedy remedy = Remedy::kRetry;
  std::string text;
};

Failure FailureOf(const ClientRequest& request) {
  try {
    static_cast<void>(Fetch(request));
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()).find("geheim"), std::string::npos) << error.what();
    return {error.remedy(), error.what()};
  }
  ADD_FAILURE() << "no error";
  return {};
}

TEST(Fetch, SendsAndReceivesOverBothSchemes) {
  for (const bool tls : {false, true}) {
    TestFront front({}, tls);
    ClientRequest request;
    request.method = "POST";
    request.url =
        (tls ? "https://127.0.0.1:" : "http://127.0.0.1:") + std::to_string(front.port()) + "/hook";
    request.headers = {{"X-Token", "t"}};
    request.body = "hello";
    request.ca_file = front.certificate_file();
    const ClientResponse response = Fetch(request);
    EXPECT_EQ(response.status, 202);
    EXPECT_EQ(response.body, "hello");
    EXPECT_EQ(response.Header("x-content-type-options"), "nosniff");
    request.headers.clear();
    EXPECT_EQ(Fetch(request).status, 401);
  }
}

TEST(Fetch, TrustsOnlyCertificatesItCanVerify) {
  TestFront front({}, true);
  ClientRequest request;
  request.url = "https://127.0.0.1:" + std::to_string(front.port()) + "/plain";
  EXPECT_EQ(FailureOf(request).remedy, Remedy::kNeedsChange);
  request.ca_file = front.certificate_file();
  EXPECT_EQ(Fetch(request).body, "ok");
  request.url = "https://localhost:" + std::to_string(front.port()) + "/plain";
  EXPECT_EQ(FailureOf(request).remedy, Remedy::kNeedsChange);
  request.ca_file = "/nowhere/ca.pem";
  EXPECT_EQ(FailureOf(request).remedy, Remedy::kNeedsChange);
}

TEST(Fetch, FollowsNoRedirect) {
  const OneAnswerServer server(
      "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n");
  ClientRequest request;
  request.url = server.url();
  const ClientResponse response = Fetch(request);
  EXPECT_EQ(response.status, 302);
  EXPECT_EQ(response.Header("Location"), "http://127.0.0.1:1/");
}

TEST(Fetch, GivesUpOnSilentAndHalfAnswers) {
  for (const std::string bytes :
       {"", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nab", "HTTP/1.1 2"}) {
    const OneAnswerServer server(bytes);
    ClientRequest request;
    request.url = server.url();
    request.timeout = Milliseconds(60);
    request.connect_timeout = Milliseconds(60);
    EXPECT_EQ(FailureOf(request).remedy, Remedy::kRetry) << bytes;
  }
}

TEST(Fetch, BoundsTheTimeOfAnAnswerThatDripsForEver) {
  const OneAnswerServer server("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", true);
  ClientRequest request;
  request.url = server.url();
  request.timeout = Milliseconds(60);
  request.connect_timeout = Milliseconds(60);
  request.max_response_bytes = std::size_t{1} << 40U;
  const Failure failure = FailureOf(request);
  EXPECT_EQ(failure.remedy, Remedy::kRetry);
  EXPECT_NE(failure.text.find("in time"), std::string::npos);
}

TEST(Fetch, BoundsTheAnswer) {
  for (const std::string framing : {"Content-Length: 2000\r\n", "Connection: close\r\n"}) {
    const OneAnswerServer server("HTTP/1.1 200 OK\r\n" + framing + "\r\n" + std::string(2000, 'a'));
    ClientRequest request;
    request.url = server.url();
    request.max_response_bytes = 1999;
    EXPECT_EQ(FailureOf(request).remedy, Remedy::kNeedsChange);
  }
}

/// What came, and what it ended with.
struct Streamed {
  std::optional<ClientResponse> response;
  std::string bytes;
  bool failed = false;
};

Streamed StreamFrom(const OneAnswerServer& server,
                    const std::function<bool(std::string_view)>& piece = {},
                    std::stop_token stop = {}) {
  Streamed streamed;
  ClientRequest request;
  request.url = server.url();
  request.timeout = Milliseconds(60);
  request.connect_timeout = Milliseconds(60);
  request.max_response_bytes = 100;
  BodyReceiver receiver;
  receiver.begin = [](const ClientResponse& head) { return head.status != 204; };
  receiver.piece = [&](std::string_view bytes) {
    streamed.bytes += bytes;
    return !piece || piece(bytes);
  };
  receiver.stop = std::move(stop);
  try {
    streamed.response = FetchInto(request, receiver);
  } catch (const Error& error) {
    EXPECT_EQ(error.remedy(), Remedy::kRetry) << error.what();
    EXPECT_EQ(std::string(error.what()).find("geheim"), std::string::npos) << error.what();
    streamed.failed = true;
  }
  return streamed;
}

constexpr const char* kEndless = "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n";

TEST(FetchInto, HandsOverABodyThatIsLargerThanAnyAnswer) {
  const std::string body(3'000'000, 'a');
  const OneAnswerServer server("HTTP/1.1 200 OK\r\nETag: x\r\nContent-Length: 3000000\r\n\r\n" +
                               body);
  const Streamed streamed = StreamFrom(server);
  ASSERT_TRUE(streamed.response);
  EXPECT_EQ(streamed.bytes, body);
  EXPECT_EQ(streamed.response->body, "");
  EXPECT_EQ(streamed.response->Header("etag"), "x");
}

TEST(FetchInto, KeepsTheBodyOfARefusal) {
  const OneAnswerServer server("HTTP/1.1 404 Not Found\r\nContent-Length: 3\r\n\r\nwhy");
  const Streamed streamed = StreamFrom(server);
  EXPECT_EQ(streamed.bytes, "");
  EXPECT_EQ(streamed.response->body, "why");
}

TEST(FetchInto, TakesNoBodyForWholeThatIsNot) {
  for (const std::string bytes : {"", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nab"}) {
    const OneAnswerServer server(bytes);
    EXPECT_TRUE(StreamFrom(server).failed) << bytes;
  }
}

TEST(FetchInto, GoesOnForAsLongAsSomethingComes) {
  const SteadyTime begin = SystemClock().Steady();
  const OneAnswerServer server(kEndless, true);
  const Streamed streamed = StreamFrom(
      server, [&](std::string_view) { return SystemClock().Steady() - begin < Milliseconds(300); });
  EXPECT_FALSE(streamed.failed) << "its timeout is that of one piece";
  EXPECT_FALSE(streamed.response);
}

TEST(FetchInto, EndsWhenNobodyWaitsAnyMore) {
  std::jthread ending([] {});
  const OneAnswerServer server(kEndless, true);
  const Streamed streamed = StreamFrom(
      server,
      [&](std::string_view) {
        ending.request_stop();
        return true;
      },
      ending.get_stop_token());
  EXPECT_FALSE(streamed.failed);
  EXPECT_FALSE(streamed.response);
}

TEST(FetchInto, PassesOnWhatItsReceiverThrows) {
  const OneAnswerServer server(kEndless, true);
  EXPECT_THROW(static_cast<void>(StreamFrom(
                   server, [](std::string_view) -> bool { throw std::out_of_range("full"); })),
               std::out_of_range);
  const OneAnswerServer other("HTTP/1.1 204 No Content\r\n\r\n");
  EXPECT_FALSE(StreamFrom(other).response) << "it did not want it";
}

TEST(Fetch, SaysWhenNobodyListens) {
  std::uint16_t port = 0;
  {
    TestFront front;
    port = front.port();
  }
  ClientRequest request;
  request.url = "http://127.0.0.1:" + std::to_string(port) + "/?token=geheim";
  EXPECT_EQ(FailureOf(request).remedy, Remedy::kRetry);
}

}  // namespace
}  // namespace failgate
