#include "controller/deploylog/log_jumps.h"

#include <algorithm>

#include "controller/deploylog/log_state.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxStateBytes = std::size_t{4} << 20U;
constexpr const char* kProjects = "projects";

/// Folders of the tree whose files are no states.
bool HoldsStates(const std::string& folder) {
  return folder != "releases" && folder != "decisions";
}

std::optional<long> SequenceIn(const std::string& path, const std::string& text) {
  if (path.rfind(std::string(kProjects) + "/", 0) == 0) {
    const auto state = ReadProjectState(text);
    return state ? std::optional<long>(state->sequence) : std::nullopt;
  }
  const auto state = ReadEnvironmentState(text);
  return state ? std::optional<long>(state->sequence) : std::nullopt;
}

}  // namespace

LogJumps::LogJumps(const Repository& repository, const LogFilter& filter, CommitId start)
    : repository_(repository), filter_(filter), at_(std::move(start)) {
  ReadStates();
}

void LogJumps::ReadStates() {
  const std::string file = filter_.project.text() + ".json";
  if (!filter_.environment.empty() && !filter_.project.empty()) {
    ReadState(*at_, EnvironmentPath(filter_.environment, filter_.project));
    return;
  }
  for (const TreeEntry& folder : repository_.ListFolder(*at_, "")) {
    if (folder.kind != TreeEntryKind::kFolder || !HoldsStates(folder.name)) {
      continue;
    }
    if (!filter_.project.empty()) {
      ReadState(*at_, folder.name + "/" + file);
    } else if (folder.name == filter_.environment.text()) {
      for (const TreeEntry& entry : repository_.ListFolder(*at_, folder.name)) {
        if (entry.kind == TreeEntryKind::kFile) {
          Remember(folder.name + "/" + entry.name, repository_.ReadBlob(entry.id, kMaxStateBytes));
        }
      }
    }
  }
}

void LogJumps::ReadState(const CommitId& commit, const std::string& path) {
  const auto text = repository_.ReadFile(commit, path, kMaxStateBytes);
  if (!text) {
    sequences_.erase(path);
    return;
  }
  Remember(path, *text);
}

void LogJumps::Remember(const std::string& path, const std::string& text) {
  const auto sequence = SequenceIn(path, text);
  sound_ = sound_ && sequence.has_value();
  sequences_[path] = sequence.value_or(0);
}

std::optional<LogEntry> LogJumps::GiveUp() {
  sound_ = false;
  return std::nullopt;
}

std::optional<LogEntry> LogJumps::Land(const std::string& path, long sequence) {
  const auto here = ParseFactMessage(repository_.ReadCommit(*at_).message);
  if (!here || here->sequence < sequence) {
    return GiveUp();
  }
  const auto steps = static_cast<std::size_t>(here->sequence - sequence);
  const auto way = repository_.CommitsBetween(std::nullopt, *at_, steps + 1);
  if (way.size() != steps + 1) {
    return GiveUp();
  }
  const CommitInfo commit = repository_.ReadCommit(way.back());
  auto written = ParseFactMessage(commit.message);
  if (!written || written->sequence != sequence ||
      !Wants({filter_.environment, filter_.project, std::nullopt, {}, 1}, written->fact)) {
    return GiveUp();
  }
  at_ = commit.parents.empty() ? std::nullopt : std::optional<CommitId>(commit.parents.front());
  if (at_) {
    ReadState(*at_, path);
  }
  return LogEntry{commit.id, std::move(*written)};
}

std::optional<LogEntry> LogJumps::Next() {
  if (!at_ || !sound_ || sequences_.empty()) {
    return std::nullopt;
  }
  const auto newest =
      std::max_element(sequences_.begin(), sequences_.end(), [](const auto& a, const auto& b) {
        return a.second < b.second;
      });
  return Land(std::string(newest->first), newest->second);
}

}  // namespace failgate
