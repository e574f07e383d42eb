// Remotes that are dead, silent, come back; mirrors that break.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>

#include "tests/integration/sync/sync_world.h"

namespace failgate {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

using RemoteTrouble = SyncWorld;

/// Takes connections and never says a word.
class SilentServer {
 public:
  SilentServer() : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    EXPECT_EQ(listen(socket_.get(), 100), 0);
    socklen_t size = sizeof(address);
    EXPECT_EQ(getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
  }
  [[nodiscard]] std::string Url() const {
    return "http://127.0.0.1:" + std::to_string(port_) + "/x.git";
  }

 private:
  FileDescriptor socket_;
  int port_ = 0;
};

TEST_F(RemoteTrouble, given_a_dead_remote_when_it_comes_back_then_nothing_is_lost) {
  Push({{"failgate.yaml", kPipeline}});
  const auto away = git_.origin().string() + ".away";
  std::filesystem::rename(git_.origin(), away);
  const std::string delivery = Deliver("d1", {{"refs/heads/main", false}});
  life_->syncer.Step();
  EXPECT_EQ(StatusOf("churn").failures, 1);
  EXPECT_THAT(StatusOf("churn").last_error, HasSubstr("listing"));
  EXPECT_EQ(life_->inbox.Show(delivery)->status, DeliveryStatus::kProcessing);
  std::filesystem::rename(away, git_.origin());
  Look();
  EXPECT_THAT(Runs(), SizeIs(1));
  EXPECT_EQ(OutcomeOf(delivery)["runs"], nlohmann::json::array({Runs()[0].id.text()}));
  EXPECT_EQ(StatusOf("churn").failures, 0);
  EXPECT_EQ(StatusOf("churn").last_error, "");
}

TEST_F(RemoteTrouble,
       given_a_delivery_in_work_when_the_program_dies_then_the_next_life_handles_it) {
  Push({{"failgate.yaml", kPipeline}});
  const std::string delivery = Deliver("d1", {{"refs/heads/main", false}});
  life_->syncer.Collect();
  Restart();
  life_->syncer.Step();
  EXPECT_THAT(Runs(), SizeIs(1));
  EXPECT_THAT(OutcomeOf(delivery)["runs"], SizeIs(1));
}

TEST_F(RemoteTrouble, given_a_missing_secret_when_the_source_is_looked_at_then_its_status_says_so) {
  sources_[0].url = "https://127.0.0.1:1/x.git";
  sources_[0].credentials.token = SecretReference{"ABSENT_TOKEN", {}};
  Restart();
  Look();
  EXPECT_THAT(StatusOf("churn").last_error, HasSubstr("ABSENT_TOKEN"));
}

TEST_F(RemoteTrouble,
       given_ten_silent_remotes_when_a_good_one_is_pushed_then_it_is_served_at_once) {
  const SilentServer silent;
  Push({{"failgate.yaml", kPipeline}});
  sources_.clear();
  for (int i = 0; i < 10; ++i) {
    sources_.push_back(Source("silent-" + std::to_string(i), silent.Url()));
  }
  sources_.push_back(Source("churn", "file://" + git_.origin().string()));
  options_.states.patience = Milliseconds(100);
  options_.look_every = Milliseconds(20);
  life_.reset();
  SyncLife life(data_, SystemClock(), sources_, options_);
  const auto begin = std::chrono::steady_clock::now();
  life.syncer.Start();
  while (life.runs.List({}).empty()) {
    usleep(5000);
    ASSERT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(15));
  }
  int hanging = 0;
  for (const SourceStatus& status : life.syncer.Status()) {
    hanging += status.busy && status.source.text() != "churn" ? 1 : 0;
  }
  EXPECT_GE(hanging, 8) << "they still hang while the good one is done";
  life.syncer.Stop();
}

TEST_F(RemoteTrouble, given_a_silent_remote_when_its_deadline_is_over_then_it_waits_with_backoff) {
  const SilentServer silent;
  sources_[0].url = silent.Url();
  options_.deadlines.list = Milliseconds(200);
  Restart();
  life_->syncer.Step();
  EXPECT_EQ(StatusOf("churn").failures, 1);
  life_->syncer.Step();
  EXPECT_EQ(StatusOf("churn").failures, 1) << "not due yet";
  Look();
  EXPECT_EQ(StatusOf("churn").failures, 2);
}

TEST_F(RemoteTrouble,
       given_garbage_in_place_of_the_mirror_when_it_is_looked_at_then_it_is_made_anew) {
  Push({{"failgate.yaml", kPipeline}});
  CreateFolders(data_ / "mirrors/churn.git");
  WriteFileDurably(data_ / "mirrors/churn.git/HEAD", "garbage");
  Look();
  EXPECT_THAT(Runs(), SizeIs(1));
  EXPECT_EQ(StatusOf("churn").last_error, "");
}

TEST_F(RemoteTrouble,
       given_lost_objects_when_a_head_moves_then_the_mirror_is_set_aside_and_fetched) {
  Push({{"failgate.yaml", kPipeline}});
  Look();
  RemoveTree(data_ / "mirrors/churn.git/objects");
  CreateFolders(data_ / "mirrors/churn.git/objects/pack");
  CreateFolders(data_ / "mirrors/churn.git/objects/info");
  Push({{"code.py", "1"}});
  Look();
  EXPECT_EQ(StatusOf("churn").last_error, "");
  EXPECT_THAT(Runs(), SizeIs(2));
  int aside = 0;
  for (const auto& entry : std::filesystem::directory_iterator(data_ / "mirrors")) {
    aside += entry.path().string().find(".broken-") != std::string::npos ? 1 : 0;
  }
  EXPECT_EQ(aside, 1);
}

TEST_F(RemoteTrouble, given_a_mirror_under_suspicion_when_it_is_broken_then_it_is_replaced) {
  Push({{"failgate.yaml", kPipeline}});
  Look();
  EXPECT_FALSE(life_->syncer.MirrorIsBroken(SourceName("churn")));
  RemoveTree(data_ / "mirrors/churn.git/objects/pack");
  for (const auto& entry :
       std::filesystem::directory_iterator(data_ / "mirrors/churn.git/objects")) {
    RemoveTree(entry.path());
  }
  EXPECT_TRUE(life_->syncer.MirrorIsBroken(SourceName("churn")));
  life_->syncer.Step();
  EXPECT_FALSE(life_->syncer.MirrorIsBroken(SourceName("churn")));
}

TEST_F(RemoteTrouble,
       given_leftovers_of_a_killed_fetch_when_the_program_starts_then_they_are_removed) {
  Push({{"failgate.yaml", kPipeline}});
  Look();
  const auto mirror = data_ / "mirrors/churn.git";
  CreateFolders(mirror / "objects/pack");
  for (const char* name :
       {"refs/heads/main.lock", "packed-refs.lock", "objects/pack/tmp_pack_x1"}) {
    WriteFileDurably(mirror / name, "half");
  }
  Restart();
  EXPECT_FALSE(std::filesystem::exists(mirror / "refs/heads/main.lock"));
  EXPECT_FALSE(std::filesystem::exists(mirror / "packed-refs.lock"));
  EXPECT_FALSE(std::filesystem::exists(mirror / "objects/pack/tmp_pack_x1"));
  Push({{"code.py", "1"}});
  Look();
  EXPECT_THAT(Runs(), SizeIs(2));
}

}  // namespace
}  // namespace failgate
