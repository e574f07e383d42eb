#include "controller/cli/revision.h"

#include "controller/base/durable_file.h"
#include "controller/base/text.h"
#include "controller/process/process.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxHeadBytes = 4096;
constexpr const char* kBranches = "refs/heads/";

/// The branch that is checked out; empty when none is.
std::string CheckedOutBranch(const std::filesystem::path& git_folder) {
  const std::string head = ReadFileIfPresent(git_folder / "HEAD", kMaxHeadBytes).value_or("");
  constexpr std::string_view kStart = "ref: refs/heads/";
  if (head.compare(0, kStart.size(), kStart) != 0) {
    return {};
  }
  return std::string(Trim(std::string_view(head).substr(5)));
}

/// The git program knows every way to write a commit; nothing of the machine's configuration
/// counts.
std::optional<CommitId> AskGit(const std::filesystem::path& git_folder,
                               const std::string& revision) {
  ProcessSpec spec;
  spec.argv = {"git",
               "--git-dir=" + git_folder.string(),
               "rev-parse",
               "--verify",
               "--quiet",
               "--end-of-options",
               revision + "^{commit}"};
  spec.env = {{"PATH", "/usr/local/bin:/usr/bin:/bin"},
              {"HOME", "/nonexistent"},
              {"GIT_CONFIG_NOSYSTEM", "1"},
              {"GIT_CONFIG_GLOBAL", "/dev/null"},
              {"GIT_CONFIG_COUNT", "1"},
              {"GIT_CONFIG_KEY_0", "safe.directory"},
              {"GIT_CONFIG_VALUE_0", "*"}};
  spec.timeout = Milliseconds(20'000);
  ProcessRunner runner;
  const ProcessResult result = runner.Run(spec);
  const std::string id(Trim(result.stdout_text));
  return result.Succeeded() && IsObjectId(id) ? std::optional<CommitId>(id) : std::nullopt;
}

}  // namespace

std::optional<ResolvedRevision> ResolveRevision(const Repository& repository,
                                                const std::filesystem::path& git_folder,
                                                const std::string& revision) {
  if (revision == "HEAD") {
    const auto commit = repository.Ref("HEAD");
    return commit ? std::optional<ResolvedRevision>({*commit, CheckedOutBranch(git_folder)})
                  : std::nullopt;
  }
  if (IsValidRefName(kBranches + revision)) {
    if (const auto commit = repository.Ref(kBranches + revision)) {
      return ResolvedRevision{*commit, kBranches + revision};
    }
    if (const auto commit = repository.Ref("refs/remotes/" + revision)) {
      const std::size_t slash = revision.find('/');
      return ResolvedRevision{
          *commit, slash == std::string::npos ? "" : kBranches + revision.substr(slash + 1)};
    }
  }
  if (const auto commit = AskGit(git_folder, revision)) {
    return ResolvedRevision{*commit, ""};
  }
  return std::nullopt;
}

}  // namespace failgate
