#include <arpa/inet.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "controller/runners/local_runner.h"
#include "controller/targets/health_check.h"
#include "tests/integration/targets/deploy_world.h"

namespace failgate {
namespace {

using testing::HasSubstr;

constexpr Milliseconds kTry{5'000};

/// Listens on a free port of the loopback; answers each connection with `answer`.
class SmallServer {
 public:
  explicit SmallServer(std::string answer) : answer_(std::move(answer)) {
    socket_ = FileDescriptor(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the socket interface
    auto* plain = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(bind(socket_.get(), plain, size), 0);
    EXPECT_EQ(listen(socket_.get(), 8), 0);
    EXPECT_EQ(getsockname(socket_.get(), plain, &size), 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::jthread([this] { Serve(); });
  }
  ~SmallServer() {
    shutdown(socket_.get(), SHUT_RDWR);
    thread_.join();
  }
  SmallServer(const SmallServer&) = delete;
  SmallServer& operator=(const SmallServer&) = delete;
  [[nodiscard]] int port() const { return port_; }

 private:
  void Serve() {
    while (true) {
      const FileDescriptor client(accept(socket_.get(), nullptr, nullptr));
      if (!client.valid()) return;
      std::string buffer(4096, '\0');
      if (read(client.get(), buffer.data(), buffer.size()) <= 0) continue;
      static_cast<void>(!write(client.get(), answer_.data(), answer_.size()));
    }
  }
  std::string answer_;
  FileDescriptor socket_;
  int port_ = 0;
  std::jthread thread_;
};

std::string Url(const SmallServer& server) {
  return fmt::format("http://127.0.0.1:{}/health?key=secret", server.port());
}

TEST(HealthCheckHttp, IsHealthyForA2xxAnswerAlone) {
  const SmallServer good("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(TryHttp(Url(good), kTry).healthy);
  const SmallServer moved(
      "HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  EXPECT_FALSE(TryHttp(Url(moved), kTry).healthy);
  const SmallServer bad("HTTP/1.1 503 Gone\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  const HealthAnswer answer = TryHttp(Url(bad), kTry);
  EXPECT_FALSE(answer.healthy);
  EXPECT_EQ(answer.detail, "http: answered 503");
}

TEST(HealthCheckHttp, SaysWhyThereIsNoAnswerWithoutTheQuery) {
  std::string url;
  {
    const SmallServer gone("");
    url = Url(gone);
  }
  const HealthAnswer answer = TryHttp(url, kTry);
  EXPECT_FALSE(answer.healthy);
  EXPECT_THAT(answer.detail, testing::Not(HasSubstr("secret")));
}

TEST(HealthCheckTcp, IsHealthyWhenAConnectionIsAccepted) {
  std::string address;
  {
    const SmallServer server("");
    address = fmt::format("127.0.0.1:{}", server.port());
    EXPECT_TRUE(TryTcp(address, kTry, {}).healthy);
  }
  const HealthAnswer answer = TryTcp(address, kTry, {});
  EXPECT_FALSE(answer.healthy);
  EXPECT_THAT(answer.detail, HasSubstr("refused"));
}

class HealthCommandTest : public testing::Test {
 protected:
  HealthCommandTest() {
    chmod(folder_.path().c_str(), 0711);
    target_.Apply(DeployWorld::Step(release_));
  }
  HealthAnswer Ask(const std::string& script, const std::stop_token& stop = {}) {
    release_.steps[0].health = HealthCheck{HealthCheck::Kind::kCommand, script, kTry};
    return target_.Healthy(DeployWorld::Step(release_), kTry, stop);
  }
  std::stop_source stop_;
  TemporaryFolder folder_;
  ProcessRunner processes_;
  LocalRunner runner_{processes_, LocalRunner::Options{true, folder_.path()}};
  DeployWorld world_{folder_.path() / "world"};
  VersionedDirectory target_ = world_.Target(runner_);
  Deployable release_ = world_.Release("churn-1", "first");
};

TEST_F(HealthCommandTest, SeesWhatIsDeployedReadOnlyAndItsNames) {
  const HealthAnswer good = Ask(
      "test \"$(cat \"$FAILGATE_PATH/model.bin\")\" = first && "
      "test \"$FAILGATE_PROJECT $FAILGATE_ENVIRONMENT $FAILGATE_RELEASE\" = 'churn prod churn-1'");
  EXPECT_TRUE(good.healthy) << good.detail;
  EXPECT_FALSE(Ask("echo x > \"$FAILGATE_PATH/extra\"").healthy);
  EXPECT_TRUE(std::filesystem::is_empty(world_.folder() / "workspaces"));
}

TEST_F(HealthCommandTest, SaysWhatItPrintedLast) {
  const HealthAnswer bad = Ask("echo first; echo no scores >&2; exit 3");
  EXPECT_FALSE(bad.healthy);
  EXPECT_THAT(bad.detail, HasSubstr("no scores"));
}

TEST_F(HealthCommandTest, EndsWhenToldToStop) {
  stop_.request_stop();
  EXPECT_FALSE(Ask("sleep 60", stop_.get_token()).healthy);
}

}  // namespace
}  // namespace failgate
