// The assessments of all pairs, made anew only where something they are made of changed.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "controller/promotion/assessment.h"

namespace failgate {

/// An assessment is a function of files on both branches, of the server file's bounds (which do not
/// change in one process) and of the time. It is kept while the blobs of those files are the same
/// and its time is none (Assessment::lasts). Not thread-safe.
class AssessmentMemory {
 public:
  /// Assesses what is not known to be the same; answers those pairs, in the order of the ladder. A
  /// pair that cannot be read becomes kInvalid and is tried again with each call. `log` holds the
  /// states at situation.log's commit, else nothing is taken as known.
  std::vector<EnvironmentProject> Update(const Situation& situation,
                                         const std::optional<CommitId>& log_head,
                                         const LogViewReader& log,
                                         WishFinder& wishes);
  /// What Update answered is acted upon, its candidates are forgotten. Without this call the next
  /// Update answers it again.
  void Settle();
  [[nodiscard]] const std::map<EnvironmentProject, Assessment>& pairs() const { return pairs_; }

 private:
  void AssessAll(const Situation& situation,
                 const LogViewReader& log,
                 bool states_known,
                 WishFinder& wishes,
                 std::vector<EnvironmentProject>& assessed);
  void AssessOne(const Situation& situation, const EnvironmentProject& pair, WishFinder& wishes);

  std::map<EnvironmentProject, Assessment> pairs_;
  std::map<EnvironmentProject, std::string> inputs_;  ///< that each was made of
  std::set<EnvironmentProject> restless_;             ///< do not last
  std::set<EnvironmentProject> unsettled_;
  CommitId main_;
  std::optional<CommitId> log_head_;
};

/// Names every file whose content Assess reads for `pair`, with its blob: equal texts and equal
/// times, equal assessments.
[[nodiscard]] std::string InputsOf(const Situation& situation,
                                   const LogViewReader& log,
                                   const EnvironmentProject& pair);

}  // namespace failgate
