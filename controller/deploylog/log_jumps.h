// From one fact about an environment or project to the next older one, without reading what lies
// between: each state names the sequence of its last fact.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "controller/deploylog/log_history.h"

namespace failgate {

/// Not thread-safe; the repository outlives it.
class LogJumps {
 public:
  /// `filter` names an environment, a project or both. `start` is a commit of the log.
  LogJumps(const Repository& repository, const LogFilter& filter, CommitId start);

  /// The newest fact of the filter's environment and project at or before the place reached, which
  /// moves on behind it. nullopt: there is none, or the log's sequences do not run on as they must
  /// (see sound()).
  [[nodiscard]] std::optional<LogEntry> Next();
  /// False: what lies at or before reached() has to be walked.
  [[nodiscard]] bool sound() const { return sound_; }
  [[nodiscard]] const std::optional<CommitId>& reached() const { return at_; }

 private:
  void ReadStates();
  void ReadState(const CommitId& commit, const std::string& path);
  void Remember(const std::string& path, const std::string& text);
  [[nodiscard]] std::optional<LogEntry> Land(const std::string& path, long sequence);
  [[nodiscard]] std::optional<LogEntry> GiveUp();

  const Repository& repository_;
  const LogFilter& filter_;
  std::optional<CommitId> at_;
  bool sound_ = true;
  std::map<std::string, long> sequences_;  ///< by path of a state, at at_
};

}  // namespace failgate
