// Asking the configured SonarQube server what its quality gate says of one revision.
#pragma once

#include <functional>
#include <string>

#include "controller/config/secret_reference.h"
#include "controller/config/server_file.h"
#include "controller/sonar/sonar_answers.h"
#include "controller/sonar/sonar_desk.h"

namespace failgate {

/// Reads alone. The token goes to the configured address, nowhere else; no redirect is followed.
/// Safe to use from several threads.
class SonarClient {
 public:
  /// `stopped` ends a look between two requests. The references must outlive it.
  SonarClient(const SonarServerSettings& server,
              const EnvironmentLookup& environment,
              std::function<bool()> stopped);

  /// The newest analysis of exactly this revision, among the newest thousand, and its status:
  /// kAnalysed or kNotAnalysed, without asked_at. Throws Error with one line: kRetry when the
  /// server cannot be reached or answers amiss, kNeedsChange when it refuses.
  [[nodiscard]] SonarFact Ask(const SonarQuestion& question) const;

 private:
  [[nodiscard]] std::string Get(const std::string& path, const std::string& what) const;
  [[nodiscard]] std::optional<SonarAnalysis> FindAnalysis(const SonarQuestion& question) const;

  const SonarServerSettings& server_;
  const EnvironmentLookup& environment_;
  std::function<bool()> stopped_;
};

}  // namespace failgate
