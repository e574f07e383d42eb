// What the commits so far allow the next one to say: the part of an audit that goes in order. Pure.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "controller/deploylog/audit_report.h"
#include "controller/deploylog/commit_audit.h"
#include "controller/deploylog/key_chain.h"

namespace failgate {

class LogStory {
 public:
  explicit LogStory(KeyChain keys) : keys_(std::move(keys)) {}

  /// Whether a `started` came after the promotion that ordered what this fact tells of; nullopt:
  /// that promotion is not known. Both lie in what is taken as given.
  using RestartBefore = std::function<std::optional<bool>(const WrittenFact&)>;
  /// All up to and with this commit is taken as given; `writer` signs from here on.
  void Trust(const CommitInfo& commit,
             const WrittenFact& written,
             std::string writer,
             RestartBefore restart_before);
  /// What is wrong with the next commit: of its place in the log, then what it showed by itself.
  [[nodiscard]] std::vector<AuditFinding> Continue(const ExaminedCommit& commit);

 private:
  void CheckPlace(const ExaminedCommit& commit);
  void CheckSequence(const WrittenFact& written);
  void CheckReplay(const ExaminedCommit& commit, const WrittenFact& written);
  void CheckRestart(const WrittenFact& written);
  [[nodiscard]] bool MayHaveRestarted(const WrittenFact& written) const;
  void Add(AuditKind kind, std::string text);

  KeyChain keys_;
  std::vector<AuditFinding> findings_;
  bool first_ = true;
  /// Empty when all facts are examined; else those before the first one are not known one by one.
  RestartBefore restart_before_;
  long sequence_ = 0;
  std::optional<TimePoint> written_;
  Person controller_;  ///< author and committer of every fact
  long started_ = 0;   ///< number of the last `started`
  /// By environment/project and attempt: the number of the promotion that ordered it.
  std::map<std::string, std::map<std::string, long>> promoted_;
  std::unordered_set<std::uint64_t> said_;
  std::map<std::string, TimePoint> told_;  ///< by environment/project: the newest time named
  std::unordered_set<std::string> requests_;
};

}  // namespace failgate
