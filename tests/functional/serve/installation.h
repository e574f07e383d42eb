// A whole failgate as an operator runs it: the built program, bare repositories that stock git
// pushes to, signed webhooks over HTTP, people at the command line.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "controller/base/clock.h"
#include "controller/base/durable_file.h"
#include "controller/base/guarded.h"
#include "controller/base/ids.h"
#include "controller/http/http_client.h"
#include "controller/process/process.h"
#include "tests/functional/serve/server_process.h"
#include "tests/functional/serve/small_project.h"

namespace failgate {

struct InstalledSource {
  std::string name;  ///< source and project have one name, unless `project` is written
  std::string provider = "github";
  std::string poll = "1h";
  std::string url;           ///< empty = the bare repository of that name
  std::string more;          ///< further keys of it in the server file, "credentials: {...}"
  std::string project = {};  ///< whose data it is; nothing of this source is deployed
};

struct CommandResult {
  int exit_code = -1;
  std::string out;
  std::string err;
};

/// Everything lies in one temporary folder:
///   git/NAME.git   bare repositories        NAME/       work trees
///   server/        server file, signing key, secrets (0700)
///   live/E/P       what is deployed         data/       the controller's
/// Parallel-safe: no fixed port, no fixed path. Methods throw Error when the world itself fails.
/// const methods, and Push of different repositories, may be called from several threads.
class Installation {
 public:
  using Json = nlohmann::json;
  /// Lays everything down, pushes the ladder, makes tokens of dana and erik (developer), alice, bob
  /// and carol (approver), olga (operator), vera (viewer). Does not start the server.
  explicit Installation(std::vector<InstalledSource> sources);
  ~Installation();

  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
  [[nodiscard]] std::filesystem::path config() const { return folder_ / "server/failgate.yaml"; }
  [[nodiscard]] std::filesystem::path origin(const std::string& name) const;
  [[nodiscard]] std::filesystem::path work(const std::string& name) const { return folder_ / name; }
  [[nodiscard]] std::filesystem::path live(const std::string& environment,
                                           const std::string& project) const;
  /// The server file, anew; `extra` lines are appended to it.
  void WriteServerFile(const std::string& extra = "");
  /// Of everybody, anew; the server may run or not.
  void MakeTokens();
  /// Of the runner line; takes effect with the next WriteServerFile.
  std::string runner = "{kind: local, sandbox: required, parallel: 2, network: false}";
  std::string operations_poll = "1s";
  /// What the server finds in its environment beside PATH, HOME and the like.
  ServerProcess::Environment server_environment;

  /// Waits until it listens and answers /readyz with 200 (or only listens).
  void Start(bool await_ready = true);
  int Stop();
  void Kill();
  [[nodiscard]] ServerProcess& server() { return *server_; }
  [[nodiscard]] const ServerProcess& server() const { return *server_; }
  [[nodiscard]] std::string url() const { return *url_.Lock(); }
  /// What all lives of the server wrote.
  [[nodiscard]] std::string log() const;

  /// Writes, commits as `person` and pushes to `branch`; answers the new head.
  CommitId Push(const std::string& name,
                const Files& files,
                const std::string& person = "dana",
                const std::string& branch = "main");
  /// Signed as the source's provider does; "operations" is one too. The answer, or nullopt when
  /// nobody answered.
  [[nodiscard]] std::optional<ClientResponse> SendWebhook(
      const std::string& source,
      const CommitId& head,
      const std::string& ref = "refs/heads/main") const;
  /// Push of a small project and its webhook, which must be accepted.
  CommitId PushAndTell(const SmallProject& project, const std::string& person = "dana");

  /// `failgate ARGUMENTS` by a person with a token; empty = nobody.
  [[nodiscard]] CommandResult Cli(const std::vector<std::string>& arguments,
                                  const std::string& person) const;
  /// Any program in the same clean environment.
  [[nodiscard]] CommandResult Run(const std::vector<std::string>& argv,
                                  const std::filesystem::path& cwd) const;
  /// `git -C cwd ARGUMENTS`; throws when it fails. Its output, trimmed.
  std::string Git(const std::filesystem::path& cwd,
                  const std::vector<std::string>& arguments) const;
  [[nodiscard]] std::string token(const std::string& person) const {
    return tokens_.Lock()->at(person);
  }

  /// olga's GET; nullopt when nobody answers.
  [[nodiscard]] std::optional<ClientResponse> Fetch(const std::string& path) const;
  /// olga's GET, parsed; null unless it is 200.
  [[nodiscard]] Json Get(const std::string& path) const;
  /// The row of /api/v1/status; null when there is none.
  [[nodiscard]] Json Status(const std::string& project, const std::string& environment) const;
  /// Runs of a project's pipeline for one revision (checks left out), newest first.
  [[nodiscard]] Json RunsOf(const std::string& project, const CommitId& revision) const;
  [[nodiscard]] Json Deliveries() const;

  using Condition = std::function<bool()>;
  /// Polls; throws Error with what the server said last when `deadline` passes.
  void WaitFor(const std::string& what,
               const Condition& condition,
               Milliseconds deadline = std::chrono::seconds(90)) const;
  /// Until the run of a revision has ended and, when it succeeded, has its release; the run.
  Json AwaitRun(const std::string& project, const CommitId& revision) const;
  void AwaitLive(const std::string& project,
                 const std::string& environment,
                 const std::string& release) const;
  /// Both approvals and the wish; until it is live in prod.
  void TakeToProd(const std::string& project, const std::string& release) const;

  /// A fresh clone of the operations repository, for what stock git says.
  std::filesystem::path CloneOperations(const std::string& name = "clone") const;
  /// Fact words of the log about a path (all when empty), oldest first.
  [[nodiscard]] std::vector<std::string> Facts(const std::string& path = "") const;

 private:
  void MakeRepository(const std::string& name) const;
  [[nodiscard]] ServerProcess::Environment CleanEnvironment() const;
  [[nodiscard]] const InstalledSource& SourceOf(const std::string& name) const;

  TemporaryFolder temporary_;
  std::filesystem::path folder_;
  std::vector<InstalledSource> sources_;
  mutable ProcessRunner processes_;
  Guarded<std::map<std::string, std::string>> tokens_;  ///< made anew while people work
  Guarded<std::string> url_;  ///< anew with each start, read by many threads
  std::unique_ptr<ServerProcess> server_;
};

}  // namespace failgate
