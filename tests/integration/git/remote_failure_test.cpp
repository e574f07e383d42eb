// Remotes that are dead, silent, hostile or wrongly configured.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "controller/base/digest.h"
#include "controller/base/error.h"
#include "controller/git/remote.h"
#include "tests/support/stock_git.h"

namespace failgate {
namespace {

constexpr Milliseconds kDeadline{60'000};

/// Listens on a free port of 127.0.0.1.
class Listener {
 public:
  Listener() : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(listen(socket_.get(), 8), 0);
    EXPECT_EQ(getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
  }
  [[nodiscard]] std::string HostAndPort() const { return "127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] int fd() const { return socket_.get(); }
  void Close() {
    shutdown(socket_.get(), SHUT_RDWR);
    socket_.Close();
  }

 private:
  FileDescriptor socket_;
  int port_ = 0;
};

/// Answers each request with the next of `answers` (the last one from then on); keeps what was
/// asked.
class TinyHttpServer {
 public:
  explicit TinyHttpServer(std::vector<std::string> answers)
      : answers_(std::move(answers)), thread_([this] { Serve(); }) {}
  ~TinyHttpServer() { Stop(); }
  [[nodiscard]] std::string Url() const { return "http://" + listener_.HostAndPort() + "/r.git"; }
  std::string Stop() {
    if (thread_.joinable()) {
      shutdown(listener_.fd(), SHUT_RDWR);
      thread_.join();
    }
    return asked_;
  }

 private:
  void Serve() {
    for (std::size_t i = 0;; ++i) {
      const FileDescriptor peer(accept(listener_.fd(), nullptr, nullptr));
      if (!peer.valid()) {
        return;
      }
      std::string request;
      char byte = 0;
      while (request.find("\r\n\r\n") == std::string::npos && read(peer.get(), &byte, 1) == 1) {
        request += byte;
      }
      asked_ += request;
      WriteAll(peer.get(), answers_[std::min(i, answers_.size() - 1)], "answer");
    }
  }
  Listener listener_;
  std::vector<std::string> answers_;
  std::string asked_;
  std::thread thread_;
};

const std::string kNoBody = "Content-Length: 0\r\nConnection: close\r\n\r\n";
const std::string kUnauthorized =
    "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"x\"\r\n" + kNoBody;

class RemoteFailureTest : public ::testing::Test {
 protected:
  RemoteConfig Config(const std::string& url) {
    RemoteConfig config;
    config.url = url;
    config.home = folder_.path() / "home";
    return config;
  }
  /// What List() throws.
  Error ErrorOf(const RemoteConfig& config, Milliseconds deadline = kDeadline) {
    try {
      (void)Remote(runner_, config).List({}, deadline);
    } catch (const Error& error) {
      return error;
    }
    ADD_FAILURE() << "no error";
    return {Remedy::kRetry, ""};
  }
  TemporaryFolder folder_;
  ProcessRunner runner_;
};

TEST_F(RemoteFailureTest, EndsAtTheDeadlineWhenTheRemoteIsSilent) {
  const Listener silent;
  const auto start = std::chrono::steady_clock::now();
  const Error error =
      ErrorOf(Config("http://" + silent.HostAndPort() + "/r.git"), Milliseconds(1000));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
  EXPECT_EQ(error.remedy(), Remedy::kRetry);
  EXPECT_NE(std::string(error.what()).find("1s"), std::string::npos) << error.what();
}

TEST_F(RemoteFailureTest, EndsWhenAskedToStop) {
  const Listener silent;
  std::stop_source stop;
  stop.request_stop();
  const Remote remote(
      runner_, Config("http://" + silent.HostAndPort() + "/r.git"), stop.get_token());
  EXPECT_THROW((void)remote.List({}, kDeadline), Error);
}

TEST_F(RemoteFailureTest, MayBeTriedAgainWhenTheRemoteIsDead) {
  Listener dead;
  const std::string url = "http://" + dead.HostAndPort() + "/r.git";
  dead.Close();
  const Error error = ErrorOf(Config(url));
  EXPECT_EQ(error.remedy(), Remedy::kRetry) << error.what();
  EXPECT_EQ(std::string(error.what()).find("listing " + url + ": "), 0U);
  EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
}

TEST_F(RemoteFailureTest, NeedsAChangeWhenThereIsNoRepository) {
  const Error error = ErrorOf(Config((folder_.path() / "absent.git").native()));
  EXPECT_EQ(error.remedy(), Remedy::kNeedsChange) << error.what();
  TinyHttpServer server({"HTTP/1.1 404 Not Found\r\n" + kNoBody});
  EXPECT_EQ(ErrorOf(Config(server.Url())).remedy(), Remedy::kNeedsChange);
  TinyHttpServer broken({"HTTP/1.1 503 Service Unavailable\r\n" + kNoBody});
  EXPECT_EQ(ErrorOf(Config(broken.Url())).remedy(), Remedy::kRetry);
}

TEST_F(RemoteFailureTest, NeedsAChangeWhenTheTokenIsWrongAndNeverShowsIt) {
  TinyHttpServer server({kUnauthorized});
  RemoteConfig config = Config(server.Url());
  config.token = Secret("s3cret-token");
  const Error error = ErrorOf(config);
  EXPECT_EQ(error.remedy(), Remedy::kNeedsChange) << error.what();
  EXPECT_EQ(std::string(error.what()).find("s3cret"), std::string::npos);
  const std::string basic = "Authorization: Basic " + Base64Encode("oauth2:s3cret-token");
  EXPECT_NE(server.Stop().find(basic), std::string::npos);
}

TEST_F(RemoteFailureTest, NeedsAChangeWhenATokenIsAskedAndNoneIsThere) {
  TinyHttpServer server({kUnauthorized});
  EXPECT_EQ(ErrorOf(Config(server.Url())).remedy(), Remedy::kNeedsChange);
}

TEST_F(RemoteFailureTest, CarriesNoTokenAlongARedirect) {
  TinyHttpServer thief({kUnauthorized});
  TinyHttpServer server(
      {"HTTP/1.1 302 Found\r\nLocation: " + thief.Url() + "/info/refs\r\n" + kNoBody});
  RemoteConfig config = Config(server.Url());
  config.token = Secret("s3cret-token");
  EXPECT_EQ(ErrorOf(config).remedy(), Remedy::kNeedsChange);
  EXPECT_EQ(thief.Stop(), "");
}

TEST_F(RemoteFailureTest, AnswersPromptsOfTheConfiguredPlaceOnly) {
  RemoteConfig config = Config("https://git.example.com:8443/r.git");
  config.token = Secret("s3cret-token");
  const Remote remote(runner_, config);
  const std::string askpass = (config.home / "askpass").native();
  for (const auto& [prompt, answered] : std::vector<std::pair<std::string, bool>>{
           {"Username for 'https://git.example.com:8443': ", true},
           {"Username for 'https://git.example.com': ", false},
           {"Username for 'http://git.example.com:8443': ", false},
           {"Username for 'https://git.example.com:8443.evil.com': ", false},
           {"Username for 'https://*': ", false},
           {"Password for 'https://oauth2@evil.com': ", false},
           {"", false}}) {
    const ProcessResult result = RunProgram({"env",
                                             "FAILGATE_GIT_SCHEME=https",
                                             "FAILGATE_GIT_HOST=git.example.com:8443",
                                             "FAILGATE_GIT_USER=oauth2",
                                             askpass,
                                             prompt});
    EXPECT_EQ(result.Succeeded(), answered) << prompt;
    EXPECT_EQ(result.stdout_text, answered ? "oauth2\n" : "") << prompt;
  }
}

TEST_F(RemoteFailureTest, RefusesConfigurationsThatAreNotSafe) {
  RemoteConfig ssh = Config("git@example.com:x.git");
  EXPECT_THROW(Remote(runner_, ssh), Error);
  ssh.known_hosts = folder_.path() / "known_hosts";
  EXPECT_NO_THROW(Remote(runner_, ssh));
  ssh.ssh_key = "/keys/a b;touch x";
  EXPECT_THROW(Remote(runner_, ssh), Error);
  ssh.ssh_key = "/keys/id";
  ssh.token = Secret("s3cret-token");
  EXPECT_THROW(Remote(runner_, ssh), Error);
  RemoteConfig https = Config("https://example.com/x.git");
  https.token = Secret("two\nlines");
  EXPECT_THROW(Remote(runner_, https), Error);
  https.token = Secret("s3cret-token");
  https.user = "a'b";
  EXPECT_THROW(Remote(runner_, https), Error);
  EXPECT_THROW(Remote(runner_, Config("ext::sh -c true")), Error);
  EXPECT_THROW(Remote(runner_, Config("--upload-pack=x")), Error);
}

TEST_F(RemoteFailureTest, RefusesArgumentsThatAreOptions) {
  const Remote remote(runner_, Config(folder_.path().native()));
  EXPECT_THROW((void)remote.List({"--upload-pack=x"}, kDeadline), Error);
  EXPECT_THROW(remote.Fetch(folder_.path(), {"--all"}, kDeadline), Error);
  EXPECT_THROW(
      (void)remote.Push(folder_.path(), CommitId("HEAD"), "refs/heads/x", std::nullopt, kDeadline),
      Error);
  EXPECT_THROW(
      (void)remote.Push(
          folder_.path(), CommitId(std::string(40, '1')), "main:x", std::nullopt, kDeadline),
      Error);
}

TEST_F(RemoteFailureTest, NamesAnUnknownHostOfSsh) {
  const Listener silent;
  RemoteConfig config = Config("ssh://git@" + silent.HostAndPort() + "/r.git");
  config.known_hosts = folder_.path() / "known_hosts";
  const Error error = ErrorOf(config, Milliseconds(1000));
  EXPECT_EQ(error.remedy(), Remedy::kRetry);
  EXPECT_EQ(std::string(error.what()).find("listing ssh://"), 0U);
}

}  // namespace
}  // namespace failgate
