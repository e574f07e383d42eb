// A remote git repository, reached by the git program as a child: list, fetch, push.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "controller/base/clock.h"
#include "controller/base/error.h"
#include "controller/base/ids.h"
#include "controller/base/secret.h"
#include "controller/git/source_url.h"
#include "controller/process/process.h"

namespace failgate {

class PushStandby;

struct RemoteConfig {
  std::string url;                               ///< as ParseRemoteUrl accepts it
  std::optional<Secret> token;                   ///< http(s) password
  std::string user = "oauth2";                   ///< http(s) user name that goes with the token
  std::optional<std::filesystem::path> ssh_key;  ///< private key file
  std::optional<std::filesystem::path>
      known_hosts;                               ///< needed for ssh: host keys are always checked
  std::optional<std::filesystem::path> ca_file;  ///< PEM, beside the system's folder
  std::filesystem::path home;  ///< HOME of the child; a folder of our own, made 0700
};

struct RemoteRef {
  std::string name;  ///< full: "refs/heads/main"
  ObjectId id;       ///< of a tag: the tag object
  bool operator==(const RemoteRef&) const = default;
};

/// What a push brings, when its caller has it in memory: a remote on this machine gets it at once.
struct PackInHand {
  /// Git's bytes of all that the commit has and what it is pushed onto has not (CommitChain::Pack).
  /// Empty = git finds out what to send.
  std::string_view bytes;
  /// Makes the commit durable in the local repository. Called once, as early as it may be: while
  /// the remote is at work, else before it is asked. What it throws is thrown once the remote has
  /// ended, whatever it did.
  std::function<void()> store;
};

/// What is to be pushed.
struct PushOffer {
  CommitId commit;
  PackInHand pack = {};
};
/// Called once; nullopt = there is nothing to push. What it throws ends the push before the remote
/// got anything.
using MakeOffer = std::function<std::optional<PushOffer>()>;

enum class PushOutcome {
  kPushed,    ///< the ref now names the commit (or did already)
  kLostRace,  ///< the ref had moved: fetch, plan anew, push again
  kRefused,   ///< a hook, a protected branch, missing rights: somebody must change something
};

struct PushResult {
  PushOutcome outcome = PushOutcome::kRefused;
  std::string text;  ///< one redacted line; empty when pushed
};

/// Thread-safe: every call is a child of its own. Environment empty but for what git needs; no
/// configuration of the machine or the user is read; secrets never in argv or environment. Failures
/// throw Error("listing URL: cause"), redacted and in one line: kRetry for network, time-out and
/// lock, kNeedsChange for credentials, an unknown host or a wrong URL. At the deadline the whole
/// process group is killed.
class Remote {
 public:
  /// Throws Error(kNeedsChange) for a URL that must not be used, a token on another transport than
  /// http(s) or with line breaks, ssh without known_hosts. A stop request ends running calls
  /// (kRetry).
  Remote(ProcessRunner& runner, RemoteConfig config, std::stop_token stop = {});

  /// Refs matching the patterns of git-ls-remote ("refs/heads/*"); none = all.
  [[nodiscard]] std::vector<RemoteRef> List(const std::vector<std::string>& patterns,
                                            Milliseconds deadline) const;
  /// Into the bare repository at `repository`; refspecs as "+refs/heads/*:refs/heads/*". Refs that
  /// are gone at the remote are pruned; objects are checked as they arrive.
  void Fetch(const std::filesystem::path& repository,
             const std::vector<std::string>& refspecs,
             Milliseconds deadline) const;
  /// The git-lfs objects that files of `commit` point to, into `repository`/lfs/objects, by the
  /// git-lfs program. The repository is one of our own without other commits: its files could
  /// name another store. An object that the remote lacks throws kNeedsChange.
  void FetchLfs(const std::filesystem::path& repository,
                const CommitId& commit,
                Milliseconds deadline) const;
  /// Compare and set at the remote; expected_old nullopt = the ref must not exist there yet. A
  /// commit that does not descend from expected_old is pushed too: the caller says what replaces
  /// what.
  [[nodiscard]] PushResult Push(const std::filesystem::path& repository,
                                const CommitId& commit,
                                const std::string& ref,
                                const std::optional<CommitId>& expected_old,
                                Milliseconds deadline,
                                const PackInHand& pack = {}) const;
  /// As Push, of what `make` answers; nullopt when that is nothing. A remote on this machine starts
  /// while it is made, which then must not wait for the remote; with `standby` even before that.
  [[nodiscard]] std::optional<PushResult> PushMade(const std::filesystem::path& repository,
                                                   const std::string& ref,
                                                   const std::optional<CommitId>& expected_old,
                                                   Milliseconds deadline,
                                                   const MakeOffer& make,
                                                   PushStandby* standby = nullptr) const;

 private:
  [[nodiscard]] ProcessResult Start(ProcessSpec& spec,
                                    Milliseconds deadline,
                                    std::optional<StartedChild> started = std::nullopt) const;
  void DemandCommit(const CommitId& commit) const;
  struct DirectPush {
    std::optional<PushOffer> offer;
    std::optional<PushResult> result;  ///< nullopt: git push must do it
    Milliseconds spent{0};
  };
  [[nodiscard]] ProcessSpec DirectSpec(const std::optional<CommitId>& head) const;
  void PrepareNext(const CommitId& head, PushStandby& standby) const;
  [[nodiscard]] DirectPush PushDirectly(const std::string& ref,
                                        const std::optional<CommitId>& expected_old,
                                        Milliseconds deadline,
                                        const MakeOffer& make,
                                        PushStandby* standby) const;
  [[nodiscard]] ProcessResult RunGit(const std::vector<std::string>& arguments,
                                     Milliseconds deadline) const;
  [[nodiscard]] Error Failure(const char* doing,
                              const ProcessResult& result,
                              Milliseconds deadline) const;
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> Settings() const;
  [[nodiscard]] std::string SshCommand() const;

  ProcessRunner& runner_;
  RemoteConfig config_;
  std::stop_token stop_;
  RemoteUrl url_;
};

}  // namespace failgate
