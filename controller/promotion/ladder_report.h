// The rows of `status`, `why` and `releases`, from a snapshot; the same from the server and a
// clone.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "controller/promotion/promotion_snapshot.h"
#include "controller/release/release_record.h"

namespace failgate {

struct StatusRow {
  ProjectName project;
  EnvironmentName environment;
  std::string wanted;  ///< release name, "newest", "none", or empty
  ReleaseName decided;
  ReleaseName running;
  std::string health;
  std::string drift;
  std::string state;
  std::optional<TimePoint> since;  ///< what runs, runs since then
  std::string text;                ///< one sentence for people
  std::string notice = {};         ///< what its target says though all is as decided
};

struct WhyAnswer {
  ProjectName project;
  EnvironmentName environment;
  ReleaseName release;
  std::string state;
  std::string text;
  std::vector<GateVerdict> gates;
  std::vector<std::string> next;
  Problems problems;
};

struct ReleaseRow {
  ReleaseRecord record;
  std::vector<EnvironmentName> environments;  ///< where it runs now, in ladder order
};

/// By project, then in ladder order. `project` empty = all.
[[nodiscard]] std::vector<StatusRow> StatusOf(const PromotionSnapshot& snapshot,
                                              const ProjectName& project);
/// nullopt when there is no such environment or the project is not deployed there.
[[nodiscard]] std::optional<WhyAnswer> WhyOf(const PromotionSnapshot& snapshot,
                                             const EnvironmentProject& pair);
/// Newest first, at most `limit`, older than `before` (a release number; 0 = from the newest).
[[nodiscard]] std::vector<ReleaseRow> ReleasesOf(const PromotionSnapshot& snapshot,
                                                 const Repository& operations,
                                                 const ProjectName& project,
                                                 long before,
                                                 std::size_t limit);
/// Projects that are deployed somewhere or have a release, sorted.
[[nodiscard]] std::vector<ProjectName> ProjectsOf(const PromotionSnapshot& snapshot);

}  // namespace failgate
