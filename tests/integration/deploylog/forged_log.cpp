#include "tests/integration/deploylog/forged_log.h"

#include <fmt/format.h>

#include "controller/base/digest.h"
#include "controller/base/durable_file.h"
#include "controller/base/text.h"
#include "controller/deploylog/environment_files.h"
#include "controller/deploylog/log_tree.h"
#include "controller/git/commit_writer.h"
#include "tests/support/git_world.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxBytes = std::size_t{64} << 20U;

Repository Copy(const std::filesystem::path& origin, const std::filesystem::path& folder) {
  std::filesystem::copy(origin, folder / "log.git", std::filesystem::copy_options::recursive);
  return Repository::Open(folder / "log.git");
}

std::string HeaderOf(const std::string& payload, const std::string& name) {
  for (const std::string& line : Split(payload.substr(0, payload.find("\n\n")), '\n')) {
    if (line.compare(0, name.size() + 1, name + " ") == 0) {
      return line.substr(name.size() + 1);
    }
  }
  throw Error(Remedy::kNeedsChange, "a commit without " + name);
}

ForgedCommit Take(const CommitInfo& commit) {
  ForgedCommit taken;
  taken.id = commit.id;
  taken.tree = commit.tree;
  taken.author = HeaderOf(commit.signed_payload, "author");
  taken.committer = HeaderOf(commit.signed_payload, "committer");
  taken.message = commit.message;
  taken.signature = commit.signature;
  return taken;
}

/// The number in a state file, which is a line of its own.
std::string WithNumber(const std::string& json, long number) {
  const std::string key = "\"sequence\": ";
  const std::size_t begin = json.find(key) + key.size();
  const std::size_t end = json.find_first_not_of("0123456789", begin);
  return json.substr(0, begin) + std::to_string(number) + json.substr(end);
}

}  // namespace

void ForgedCommit::Replace(const std::string& from, const std::string& to) {
  const std::size_t at = message.find(from);
  Check(at != std::string::npos, "the message says: " + from);
  message.replace(at, from.size(), to);
}

WrittenFact ForgedCommit::Written() const {
  return ParseFactMessage(message).value();
}

ForgedLog::ForgedLog(const std::filesystem::path& origin, const std::filesystem::path& folder)
    : repository(Copy(origin, folder)), folder_(folder) {
  auto ids = repository.CommitsBetween(std::nullopt, *repository.Ref(kDeployLogRef), 10'000);
  for (auto id = ids.rbegin(); id != ids.rend(); ++id) {
    commits.push_back(Take(repository.ReadCommit(*id)));
  }
}

std::size_t ForgedLog::Find(const std::string& subject) const {
  for (std::size_t i = 0; i < commits.size(); ++i) {
    if (commits[i].message.compare(0, subject.size(), subject) == 0) {
      return i;
    }
  }
  throw Error(Remedy::kNeedsChange, "no fact begins with " + subject);
}

std::size_t ForgedLog::FindLast(const std::string& subject) const {
  for (std::size_t i = commits.size(); i-- > 0;) {
    if (commits[i].message.compare(0, subject.size(), subject) == 0) {
      return i;
    }
  }
  throw Error(Remedy::kNeedsChange, "no fact begins with " + subject);
}

std::string ForgedLog::File(std::size_t place, const std::string& path) const {
  // A commit of any kind gives access to its tree.
  return repository.ReadFile(commits[place].id, path, kMaxBytes).value();
}

void ForgedLog::PutFile(std::size_t place,
                        const std::string& path,
                        const std::optional<std::string>& content) {
  CommitDraft draft;
  draft.edits = {TreeEdit{path, content}};
  draft.author = draft.committer = Person{"Eve", "eve@example.com"};
  draft.message = "a tree";
  ForgedCommit& commit = commits[place];
  const CommitId carrier = WriteOne(commit, std::nullopt);
  commit.tree = repository.ReadCommit(WriteCommit(repository, carrier, draft, nullptr)).tree;
}

EnvironmentState ForgedLog::State(std::size_t place, const std::string& environment) const {
  return ReadEnvironment(
             repository, commits[place].id, EnvironmentName(environment), ProjectName("app"))
      .value();
}

void ForgedLog::PutState(std::size_t place,
                         const std::string& environment,
                         const EnvironmentState& state) {
  PutFile(place, environment + "/app.json", WriteJson(state));
}

void ForgedLog::SignFrom(std::size_t place, const SigningKey& key) {
  for (std::size_t i = place; i < commits.size(); ++i) {
    commits[i].key = &key;
  }
}

void ForgedLog::NumberFrom(std::size_t place) {
  for (std::size_t i = place; i < commits.size(); ++i) {
    const WrittenFact written = commits[i].Written();
    const long number = static_cast<long>(i) + 1;
    commits[i].Replace(fmt::format("\nSequence: {}\n", written.sequence),
                       fmt::format("\nSequence: {}\n", number));
    const std::string path = PathAbout(written.fact);
    PutFile(i, path, WithNumber(File(i, path), number));
  }
}

CommitId ForgedLog::WriteOne(const ForgedCommit& commit, const std::optional<CommitId>& parent) {
  std::string headers = "tree " + commit.tree.text() + "\n";
  if (parent && !commit.root) {
    headers += "parent " + parent->text() + "\n";
  }
  for (const CommitId& more : commit.more_parents) {
    headers += "parent " + more.text() + "\n";
  }
  headers += "author " + commit.author + "\ncommitter " + commit.committer + "\n";
  const std::string body = "\n" + commit.message;
  auto signature = commit.signature;
  if (commit.key != nullptr) {
    signature = commit.key->Sign(headers + body, kGitNamespace);
  }
  if (signature) {
    std::string lines;
    for (const std::string& line : Split(Trim(*signature), '\n')) {
      lines += (lines.empty() ? "gpgsig " : "\n ") + line;
    }
    headers += lines + "\n";
  }
  const auto file = folder_ / "object";
  WriteFileDurably(file, headers + body);
  GitProgram git(folder_);
  return CommitId(git.Run(folder_ / "log.git",
                          {"hash-object", "-t", "commit", "-w", "--literally", file.string()}));
}

void ForgedLog::Write() {
  std::optional<CommitId> parent;
  for (ForgedCommit& commit : commits) {
    commit.id = WriteOne(commit, parent);
    parent = commit.id;
  }
  GitProgram git(folder_);
  git.Run(folder_ / "log.git", {"update-ref", kDeployLogRef, parent->text()});
}

}  // namespace failgate
