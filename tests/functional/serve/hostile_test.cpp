// Steps that spy, linger, multiply and fill; and a canary in every secret place.
#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <set>
#include <thread>

#include "controller/base/error.h"
#include "controller/base/text.h"
#include "tests/functional/serve/installation.h"

namespace failgate {
namespace {

using Json = nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

/// A pipeline of one unit step that runs `script` as bash and then proves one test.
Files FilesWithStep(const std::string& project, const std::string& script) {
  return {{"failgate.yaml",
           fmt::format("project: {}\n"
                       "steps:\n"
                       "  - name: unit\n"
                       "    level: unit\n"
                       "    shell: bash\n"
                       "    run: |\n"
                       "      printf '<testsuite><testcase name=\"a\"/></testsuite>' > unit.xml\n"
                       "      bash ./step.sh\n"
                       "    reports: {{tests: unit.xml}}\n"
                       "    timeout: 20s\n",
                       project)},
          {"step.sh", script}};
}

/// Empty when the process is gone meanwhile.
std::string CommandLine(const std::filesystem::path& path) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::array<char, 65536> bytes{};
  const ssize_t count = file.valid() ? ::read(file.get(), bytes.data(), bytes.size()) : 0;
  return count > 0 ? std::string(bytes.data(), static_cast<std::size_t>(count)) : std::string();
}

/// Command lines of every process of this machine that hold `text`.
std::vector<std::string> CommandLinesWith(const std::string& text) {
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    if (!ParseNonNegative(entry.path().filename().string())) continue;
    const std::string line = CommandLine(entry.path() / "cmdline");
    if (line.find(text) != std::string::npos) found.push_back(line);
  }
  return found;
}

class Hostile : public ::testing::Test {
 protected:
  ~Hostile() override {
    if (HasFailure()) std::fputs(world_.log().c_str(), stderr);
  }

  Json RunStep(const std::string& script) {
    const CommitId head = world_.Push("evil", FilesWithStep("evil", script));
    const auto answer = world_.SendWebhook("evil", head);
    EXPECT_TRUE(answer && answer->status == 202);
    return world_.AwaitRun("evil", head);
  }
  std::string LogOf(const Json& run) {
    const CommandResult logs = world_.Cli({"runs", "logs", run["id"].get<std::string>()}, "olga");
    EXPECT_EQ(logs.exit_code, 0) << logs.err;
    return logs.out;
  }
  std::string ReasonOf(const Json& run) {
    const Json shown = world_.Get("/api/v1/runs/" + run["id"].get<std::string>());
    return shown["steps"][0]["reason"].is_string() ? shown["steps"][0]["reason"].get<std::string>()
                                                   : "";
  }
  /// Another source's push still becomes a release, and nothing is wrong with the server.
  void ExpectHealthy() {
    EXPECT_EQ(world_.Fetch("/healthz")->status, 200);
    EXPECT_EQ(world_.Fetch("/readyz")->status, 200);
    const Json run = world_.AwaitRun("shop", world_.PushAndTell({"shop", "good"}));
    EXPECT_EQ(run["state"], "succeeded") << run.dump();
  }

  Installation world_{{{"evil", "github", "1h", "", ""}, {"shop", "gitlab", "1h", "", ""}}};
};

TEST_F(Hostile, given_a_spying_step_when_it_looks_around_then_it_finds_nothing_of_ours) {
  world_.server_environment = {{"CANARY_VARIABLE", "canary-of-the-environment"}};
  world_.Start();
  const std::string port = world_.url().substr(world_.url().rfind(':') + 1);
  const std::string script = fmt::format(
      R"sh(for path in {0}/server/signing_key {0}/server/failgate.yaml {0}/server/shop-secret \
      {0}/data/failgate.db {0}/data/mirrors {0}/data/workspaces {0}/git {0}/live {0} \
      /etc/shadow /root /home /work /var/lib; do
  found=$(cat "$path" 2>/dev/null; ls -A "$path" 2>/dev/null)
  if [ -n "$found" ]; then echo "LEAK path $path"; fi
done
if env | grep -i -e canary -e token -e secret; then echo "LEAK environment"; fi
for file in /proc/[0-9]*/environ; do
  if tr '\0' '\n' < "$file" 2>/dev/null | grep -q canary; then echo "LEAK $file"; fi
done
if (exec 3<>/dev/tcp/127.0.0.1/{1}) 2>/dev/null; then echo "LEAK network"; fi
if [ $(ls /proc | grep -c '^[0-9]') -gt 12 ]; then echo "LEAK processes"; fi
if touch /usr/spy 2>/dev/null || touch /etc/spy 2>/dev/null; then echo "LEAK writable"; fi
if [ $(id -u) -eq 0 ]; then echo "LEAK root"; fi
echo "the spy is done in $PWD as $(id -u)"
)sh",
      world_.folder().string(),
      port);
  const Json run = RunStep(script);
  const std::string log = LogOf(run);
  EXPECT_THAT(log, HasSubstr("the spy is done"));
  EXPECT_THAT(log, Not(HasSubstr("LEAK")));
  EXPECT_EQ(run["state"], "succeeded") << run.dump() << log;
  ExpectHealthy();
}

TEST_F(Hostile, given_a_background_process_when_its_step_ends_then_it_is_dead) {
  world_.Start();
  const std::string marker = "lingering-" + NewUuid(SystemClock().Now());
  const Json run = RunStep(fmt::format(
      "setsid nohup bash -c 'exec -a {} sleep 1000' > /dev/null 2>&1 < /dev/null &\nsleep 0.2\n",
      marker));
  EXPECT_NE(run["state"], "running");
  for (const std::string& line : CommandLinesWith(marker)) {
    // This program's own memory holds the marker too, its command line does not.
    ADD_FAILURE() << "still alive: " << line;
  }
  ExpectHealthy();
}

TEST_F(Hostile, given_a_fork_bomb_when_it_runs_then_the_step_fails_and_others_go_on) {
  world_.Start();
  const Json run = RunStep("bomb() { bomb | bomb & }\nbomb\nsleep 15\n");
  EXPECT_EQ(run["state"], "failed") << run.dump() << LogOf(run);
  ExpectHealthy();
}

TEST_F(Hostile, given_endless_output_when_it_runs_then_the_step_fails_and_its_log_is_bounded) {
  world_.Start();
  const Json run = RunStep("timeout 60 yes 'a line that never ends'\n");
  EXPECT_EQ(run["state"], "failed") << run.dump();
  EXPECT_NE(ReasonOf(run), "");
  const Json shown = world_.Get("/api/v1/runs/" + run["id"].get<std::string>());
  EXPECT_LE(shown["steps"][0]["log_bytes"].get<long>(), 17L << 20U);
  ExpectHealthy();
}

TEST_F(Hostile, given_a_step_that_fills_the_disk_when_it_passes_its_limit_then_it_fails) {
  world_.runner = "{kind: local, sandbox: required, parallel: 2, limits: {disk: 16MiB}}";
  world_.WriteServerFile();
  world_.Start();
  const Json run = RunStep("head -c 200000000 /dev/zero > big\nsleep 10\n");
  EXPECT_EQ(run["state"], "failed") << run.dump() << LogOf(run);
  ExpectHealthy();
}

/// Looks at all command lines of the machine until destroyed.
class ArgvWatch {
 public:
  explicit ArgvWatch(std::vector<std::string> texts) {
    thread_ = std::jthread([this, texts = std::move(texts)](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
        for (const std::string& text : texts) {
          for (const std::string& line : CommandLinesWith(text)) seen_.Lock()->insert(line);
        }
      }
    });
  }
  std::set<std::string> Finish() {
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
    return *seen_.Lock();
  }

 private:
  Guarded<std::set<std::string>> seen_;
  std::jthread thread_;
};

TEST(Canary, given_secrets_in_every_place_when_everything_is_done_then_they_appear_nowhere) {
  // A source whose remote asks for a token and refuses it, beside one that works.
  Installation world{{{"shop", "gitlab", "1h", "", ""},
                      {"closed",
                       "github",
                       "200ms",
                       "http://127.0.0.1:9/closed.git",
                       "credentials: {token: {file: git-token}}"}}};
  const std::string key_text = ReadFile(world.folder() / "server/signing_key");
  const std::string key_line = Split(key_text, '\n').at(2);
  std::vector<std::string> canaries = {"canary-git-token-5ad1",
                                       "canary-spare-9911",
                                       "shop-hook-secret-1",
                                       "closed-hook-secret-1",
                                       "operations-hook-secret-1",
                                       key_line};
  for (const char* person : {"dana", "alice", "bob", "olga", "vera"}) {
    canaries.push_back(world.token(person));
  }
  WriteFileDurably(world.folder() / "server/git-token", canaries[0] + "\n", 0600);
  WriteFileDurably(world.folder() / "server/spare", canaries[1] + "\n", 0600);
  world.WriteServerFile(
      "secrets:\n  spare: {file: spare, environments: [prod], projects: [shop]}\n");
  ArgvWatch argv(canaries);
  world.Start();
  const CommitId head = world.PushAndTell({"shop", "first"});
  const Json run = world.AwaitRun("shop", head);
  ASSERT_EQ(run["release"], "shop-1");
  world.AwaitLive("shop", "recette", "shop-1");
  world.TakeToProd("shop", "shop-1");
  // A webhook to the source that is closed, and one whose reason names a secret.
  EXPECT_EQ(world.SendWebhook("closed", head)->status, 202);
  ClientRequest reject;
  reject.method = "POST";
  reject.url = world.url() + "/api/v1/projects/shop/environments/prod/reject";
  reject.headers = {{"Content-Type", "application/json"},
                    {"Authorization", "Bearer " + world.token("carol")}};
  reject.body = R"({"release":"shop-1","reason":"because shop-hook-secret-1"})";
  EXPECT_EQ(Fetch(reject).status, 202);
  world.WaitFor("the closed source is in trouble", [&] {
    const auto sources = world.Fetch("/api/v1/sources");
    return sources && sources->body.find("closed.git") != std::string::npos &&
           sources->body.find("\"trouble\":\"") != std::string::npos;
  });
  std::string said = world.log();
  const std::string id = run["id"].get<std::string>();
  for (const std::string& path : {std::string("/api/v1/status"),
                                  std::string("/api/v1/sources"),
                                  std::string("/api/v1/runs"),
                                  "/api/v1/runs/" + id,
                                  "/api/v1/runs/" + id + "/logs/unit",
                                  std::string("/api/v1/deliveries"),
                                  std::string("/api/v1/deployments"),
                                  std::string("/api/v1/log?limit=100"),
                                  std::string("/api/v1/projects/shop/releases"),
                                  std::string("/api/v1/projects/shop/environments/prod/why"),
                                  std::string("/metrics"),
                                  std::string("/readyz"),
                                  std::string("/api/v1/openapi.json")}) {
    const auto answer = world.Fetch(path);
    ASSERT_TRUE(answer) << path;
    EXPECT_EQ(answer->status, 200) << path << answer->body;
    said += answer->body;
  }
  for (const Json& delivery : world.Deliveries()) {
    said += world.Fetch("/api/v1/deliveries/" + delivery["id"].get<std::string>())->body;
  }
  const CommandResult doctor = world.Cli({"doctor", "--config", world.config().string()}, "olga");
  said += doctor.out + doctor.err;
  for (const char* branch : {"main", "deploy-log"}) {
    said += world.Git(world.origin("operations"), {"log", "-p", branch});
  }
  for (const std::string& canary : canaries) {
    EXPECT_THAT(said, Not(HasSubstr(canary)));
  }
  EXPECT_EQ(argv.Finish(), std::set<std::string>());
}

}  // namespace
}  // namespace failgate
