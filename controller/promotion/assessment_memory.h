// The assessments of all pairs, made anew only where something they are made of changed.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "controller/promotion/assessment.h"

namespace failgate {

/// An assessment is a function of files on both branches, of the server file's bounds (which do not
/// change in one process) and of the time. It is kept while the blobs of those files are the same
/// and its time is none (AssessedPair::lasts). Not thread-safe.
class AssessmentMemory {
 public:
  using Act = std::function<void(const EnvironmentProject&, const AssessedPair&)>;
  /// Assesses what is not known to be the same, in the order of the ladder, and calls `act` with
  /// each, which is kept no longer than the call. A pair that cannot be read becomes kInvalid and
  /// is tried again with each call. `log` holds the states at situation.log's commit, else nothing
  /// is taken as known.
  void Update(const Situation& situation,
              const std::optional<CommitId>& log_head,
              const LogView& log,
              WishFinder& wishes,
              const Act& act);
  /// What Update gave is acted upon. Without this call the next Update gives it again.
  void Settle() { unsettled_.clear(); }
  [[nodiscard]] std::map<EnvironmentProject, std::shared_ptr<const Assessment>> Assessments() const;

 private:
  struct Known {
    std::string inputs;  ///< digest of InputsOf; empty: not known
    std::shared_ptr<const Assessment> assessment;
  };
  /// What one Update works with.
  struct Round {
    const Situation& situation;
    const LogView& log;
    WishFinder& wishes;
    const Act& act;
  };
  void AssessAll(const Round& round, bool states_known);
  void ForgetWhatIsGone(const OperationsView& view);
  void AssessOne(const Round& round, const EnvironmentProject& pair);

  std::map<EnvironmentProject, Known> pairs_;
  std::set<EnvironmentProject> restless_;  ///< do not last
  std::set<EnvironmentProject> unsettled_;
  CommitId main_;
  CommitId policy_;
  std::optional<CommitId> log_head_;
};

/// Names every file whose content Assess reads for `pair`, with its blob: equal texts and equal
/// times, equal assessments.
[[nodiscard]] std::string InputsOf(const Situation& situation,
                                   const LogView& log,
                                   const EnvironmentProject& pair);

}  // namespace failgate
