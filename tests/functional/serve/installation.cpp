#include "tests/functional/serve/installation.h"

#include <fmt/format.h>
#include <poll.h>

#include <cstdlib>

#include "controller/base/digest.h"
#include "controller/base/error.h"
#include "controller/base/text.h"

namespace failgate {
namespace {

struct InstalledPerson {
  const char* handle;
  const char* name;
  const char* role;
};

constexpr InstalledPerson kPeople[] = {{"dana", "Dana Petit", "developer"},
                                       {"erik", "Erik Lund", "developer"},
                                       {"alice", "Alice Martin", "approver"},
                                       {"bob", "Bob Durand", "approver"},
                                       {"carol", "Carol Weber", "approver"},
                                       {"olga", "Olga Novak", "operator"},
                                       {"vera", "Vera Stein", "viewer"}};

constexpr const char* kServerFile = R"(controller: test
listen: {{address: 127.0.0.1, port: 0}}
data_dir: "{dir}/data"
operations:
  url: "{dir}/git/operations.git"
  signing_key: {{file: signing_key}}
  webhook: {{provider: gitlab, secrets: [{{file: operations-secret}}]}}
  poll: {poll}
sources:
{sources}runner: {runner}
targets: {{allow: [directory], directory: {{roots: ["{dir}/live"]}}}}
)";

std::string NameOf(const std::string& handle) {
  for (const InstalledPerson& person : kPeople) {
    if (person.handle == handle) return person.name;
  }
  throw Error(Remedy::kNeedsChange, "nobody is called " + handle);
}

void Pause() {
  ::poll(nullptr, 0, 50);
}

}  // namespace

Installation::Installation(std::vector<InstalledSource> sources)
    : folder_(std::filesystem::canonical(temporary_.path())), sources_(std::move(sources)) {
  // Steps of a root controller run as users of their own, who must pass through.
  std::filesystem::permissions(folder_, std::filesystem::perms(0711));
  for (const char* name : {"git", "live/dev", "live/recette", "live/prod"}) {
    CreateFolders(folder_ / name);
  }
  CreateFolders(folder_ / "server", 0700);
  CreateFolders(folder_ / "home", 0700);
  Check(Run({"ssh-keygen",
             "-q",
             "-t",
             "ed25519",
             "-N",
             "",
             "-C",
             "failgate@test",
             "-f",
             (folder_ / "server/signing_key").string()},
            folder_)
                .exit_code == 0,
        "ssh-keygen makes a key");
  Files files = LadderFiles();
  files["allowed_signers"] =
      "failgate@test namespaces=\"git\" " + ReadFile(folder_ / "server/signing_key.pub");
  WriteFileDurably(folder_ / "server/operations-secret", "operations-hook-secret-1\n", 0600);
  for (const InstalledSource& source : sources_) {
    WriteFileDurably(
        folder_ / "server" / (source.name + "-secret"), source.name + "-hook-secret-1\n", 0600);
    MakeRepository(source.name);
    if (!source.project.empty()) continue;
    for (const char* environment : {"dev", "recette", "prod"}) {
      files[fmt::format("environments/{}/{}.yaml", environment, source.name)] =
          DeploymentFile(folder_ / "live", environment, source.name);
    }
  }
  MakeRepository("operations");
  WriteServerFile();
  static_cast<void>(Push("operations", files, "alice"));
  MakeTokens();
}

Installation::~Installation() = default;

std::filesystem::path Installation::origin(const std::string& name) const {
  return folder_ / "git" / (name + ".git");
}

std::filesystem::path Installation::live(const std::string& environment,
                                         const std::string& project) const {
  return folder_ / "live" / environment / project;
}

void Installation::WriteServerFile(const std::string& extra) {
  std::string sources;
  for (const InstalledSource& source : sources_) {
    sources += fmt::format(
        "  - name: {0}\n"
        "    url: \"{1}\"\n"
        "    projects: [{5}]\n"
        "    webhook: {{provider: {2}, secrets: [{{file: {0}-secret}}]}}\n"
        "    poll: {3}\n"
        "{4}",
        source.name,
        source.url.empty() ? origin(source.name).string() : source.url,
        source.provider,
        source.poll,
        source.more.empty() ? source.more : "    " + source.more + "\n",
        source.project.empty() ? source.name : source.project);
  }
  WriteFileDurably(config(),
                   fmt::format(kServerFile,
                               fmt::arg("dir", folder_.string()),
                               fmt::arg("poll", operations_poll),
                               fmt::arg("sources", sources),
                               fmt::arg("runner", runner)) +
                       extra,
                   0600);
}

void Installation::Start(bool await_ready) {
  ServerProcess::Environment environment = CleanEnvironment();
  environment.insert(environment.end(), server_environment.begin(), server_environment.end());
  server_ =
      std::make_unique<ServerProcess>(processes_, config(), environment, folder_ / "server.log");
  const auto url = server_->AwaitListening();
  if (!url) throw Error(Remedy::kNeedsChange, "the server did not start: " + server_->output());
  *url_.Lock() = *url;
  if (await_ready) {
    WaitFor("the server is ready", [this] {
      const auto answer = Fetch("/readyz");
      return answer && answer->status == 200;
    });
  }
}

int Installation::Stop() {
  return server_->Stop();
}

void Installation::Kill() {
  server_->Kill();
}

std::string Installation::log() const {
  return ReadFileIfPresent(folder_ / "server.log").value_or("");
}

CommitId Installation::Push(const std::string& name,
                            const Files& files,
                            const std::string& person,
                            const std::string& branch) {
  for (const auto& [path, content] : files) {
    CreateFolders((work(name) / path).parent_path());
    WriteFileDurably(work(name) / path, content);
  }
  const std::string identity = fmt::format("{} <{}@example.com>", NameOf(person), person);
  Git(work(name), {"add", "-A"});
  Git(work(name),
      {"-c",
       "user.name=" + NameOf(person),
       "-c",
       fmt::format("user.email={}@example.com", person),
       "commit",
       "-q",
       "--allow-empty",
       "-m",
       "Change",
       "--author",
       identity});
  Git(work(name), {"push", "-q", "origin", "HEAD:refs/heads/" + branch});
  return CommitId(Git(work(name), {"rev-parse", "HEAD"}));
}

std::optional<ClientResponse> Installation::SendWebhook(const std::string& source,
                                                        const CommitId& head,
                                                        const std::string& ref) const {
  const std::string zero(40, '0');
  const std::string path = origin(source).string();
  const std::string secret = source + "-hook-secret-1";
  const std::string id = NewUuid(SystemClock().Now());
  ClientRequest request;
  request.method = "POST";
  request.url = fmt::format("{}/hooks/{}", this->url(), source);
  request.headers = {{"Content-Type", "application/json"}};
  if (source == "operations" || SourceOf(source).provider == "gitlab") {
    request.body = Json{
        {"object_kind", "push"},
        {"event_name", "push"},
        {"ref", ref},
        {"before", zero},
        {"after", head.text()},
        {"user_name", "pusher"},
        {"project", {{"git_http_url", path}}},
        {"commits", Json::array()},
        {"total_commits_count",
         0}}.dump();
    request.headers.emplace_back("X-Gitlab-Event", "Push Hook");
    request.headers.emplace_back("X-Gitlab-Token", secret);
    request.headers.emplace_back("Idempotency-Key", id);
  } else {
    request.body = Json{{"ref", ref},
                        {"before", zero},
                        {"after", head.text()},
                        {"created", false},
                        {"deleted", false},
                        {"forced", false},
                        {"repository", {{"name", source}, {"clone_url", path}}},
                        {"pusher", {{"name", "pusher"}}},
                        {"commits", Json::array()}}
                       .dump();
    request.headers.emplace_back("X-GitHub-Event", "push");
    request.headers.emplace_back("X-GitHub-Delivery", id);
    request.headers.emplace_back("X-Hub-Signature-256",
                                 "sha256=" + HexEncode(HmacSha256(secret, request.body)));
  }
  try {
    return failgate::Fetch(request);
  } catch (const Error&) {
    return std::nullopt;  // nobody answered: that is what callers ask about
  }
}

CommitId Installation::PushAndTell(const SmallProject& project, const std::string& person) {
  const CommitId head = Push(project.name, FilesOf(project), person);
  const auto answer = SendWebhook(project.name, head);
  Check(answer && answer->status == 202, "the webhook of " + project.name + " is accepted");
  return head;
}

CommandResult Installation::Cli(const std::vector<std::string>& arguments,
                                const std::string& person) const {
  ProcessSpec spec;
  spec.argv = {FAILGATE_PROGRAM};
  spec.argv.insert(spec.argv.end(), arguments.begin(), arguments.end());
  spec.cwd = folder_;
  spec.env = CleanEnvironment();
  spec.env.emplace_back("FAILGATE_URL", url());
  if (!person.empty()) spec.env.emplace_back("FAILGATE_TOKEN", token(person));
  spec.timeout = std::chrono::minutes(2);
  const ProcessResult result = processes_.Run(spec);
  return {result.exit_code, result.stdout_text, result.stderr_text};
}

CommandResult Installation::Run(const std::vector<std::string>& argv,
                                const std::filesystem::path& cwd) const {
  ProcessSpec spec;
  spec.argv = argv;
  spec.cwd = cwd;
  spec.env = CleanEnvironment();
  spec.timeout = std::chrono::minutes(1);
  spec.max_output_bytes = std::size_t{256} << 20U;  // a whole log
  const ProcessResult result = processes_.Run(spec);
  return {result.exit_code, result.stdout_text, result.stderr_text};
}

std::string Installation::Git(const std::filesystem::path& cwd,
                              const std::vector<std::string>& arguments) const {
  std::vector<std::string> argv = {"git", "-C", cwd.string()};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  const CommandResult result = Run(argv, folder_);
  if (result.exit_code != 0) {
    throw Error(Remedy::kNeedsChange,
                fmt::format("git {}: {}{}", Join(arguments, " "), result.out, result.err));
  }
  return std::string(Trim(result.out));
}

void Installation::MakeRepository(const std::string& name) const {
  Git(folder_, {"init", "-q", "--bare", "-b", "main", origin(name).string()});
  Git(folder_, {"init", "-q", "-b", "main", work(name).string()});
  Git(work(name), {"remote", "add", "origin", origin(name).string()});
}

void Installation::MakeTokens() {
  for (const InstalledPerson& person : kPeople) {
    const std::string who = fmt::format("{} <{}@example.com>", person.name, person.handle);
    const CommandResult made =
        Cli({"token", "create", who, "--role", person.role, "--config", config().string()}, "");
    if (made.exit_code != 0) throw Error(Remedy::kNeedsChange, "token create: " + made.err);
    (*tokens_.Lock())[person.handle] = std::string(Trim(made.out));
  }
}

ServerProcess::Environment Installation::CleanEnvironment() const {
  ServerProcess::Environment environment{
      {"PATH", std::getenv("PATH")},
      {"HOME", (folder_ / "home").string()},
      {"GIT_CONFIG_NOSYSTEM", "1"},
      {"LC_ALL", "C.UTF-8"},
      {"TMPDIR", std::filesystem::temp_directory_path().string()}};
  // A sanitizer tells what it finds where its options say.
  for (const char* name : {"TSAN_OPTIONS", "ASAN_OPTIONS"}) {
    if (const char* options = std::getenv(name)) environment.emplace_back(name, options);
  }
  return environment;
}

const InstalledSource& Installation::SourceOf(const std::string& name) const {
  for (const InstalledSource& source : sources_) {
    if (source.name == name) return source;
  }
  throw Error(Remedy::kNeedsChange, "there is no source " + name);
}

void Installation::WaitFor(const std::string& what,
                           const Condition& condition,
                           Milliseconds deadline) const {
  const SteadyTime end = SystemClock().Steady() + deadline;
  while (!condition()) {
    if (SystemClock().Steady() > end) {
      const std::string said = log();
      const auto status = Fetch("/api/v1/status");
      throw Error(Remedy::kNeedsChange,
                  fmt::format("waited in vain until {}; status {}; the server's last words:\n{}",
                              what,
                              status ? status->body : "unknown",
                              said.substr(said.size() < 4000 ? 0 : said.size() - 4000)));
    }
    Pause();
  }
}

}  // namespace failgate
