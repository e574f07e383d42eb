// Where decisions find what SonarQube says of a revision.
#pragma once

#include <string>
#include <tuple>

#include "controller/base/ids.h"
#include "policies/sonar_facts.h"

namespace failgate {

struct SonarQuestion {
  std::string project;  ///< key at the server
  std::string branch;   ///< empty: the main branch there
  CommitId revision;
  bool operator<(const SonarQuestion& other) const {
    return std::tie(project, branch, revision) <
           std::tie(other.project, other.branch, other.revision);
  }
};

/// Thread-safe; never waits for the server.
class SonarDesk {
 public:
  virtual ~SonarDesk() = default;
  /// What is known now. A decision looks at it: the question is asked, and asked again while it
  /// does.
  [[nodiscard]] virtual SonarFact Look(const SonarQuestion& question) = 0;
};

}  // namespace failgate
