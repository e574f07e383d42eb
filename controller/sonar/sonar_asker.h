// Asks the configured SonarQube server what decisions wait for, and keeps its answers.
#pragma once

#include <atomic>
#include <functional>
#include <map>

#include "controller/base/clock.h"
#include "controller/base/guarded.h"
#include "controller/config/server_file.h"
#include "controller/sonar/sonar_client.h"
#include "controller/sonar/sonar_desk.h"

namespace failgate {

/// Answers are in memory alone: after a restart the server is asked anew. Thread-safe; Step is for
/// one thread.
class SonarAsker : public SonarDesk {
 public:
  /// `keep_asking`: how long a question without a final answer is asked after a decision last
  /// looked at it. The references must outlive it.
  SonarAsker(SonarServerSettings server,
             const EnvironmentLookup& environment,
             Milliseconds keep_asking,
             const Clock& clock);

  /// There is a new question, or a reason to ask at once. Set before use; called by any thread.
  void OnWanted(std::function<void()> told) { wanted_ = std::move(told); }
  /// Called in Step's thread when an answer differs from the one before.
  void OnAnswered(std::function<void()> told) { answered_ = std::move(told); }

  [[nodiscard]] SonarFact Look(const SonarQuestion& question) override;
  /// A sender says that something was analysed: all that is still asked is asked at once.
  void AskAll();
  /// Asks what is due; the first trouble with the server ends the round, for all of it.
  void Step();
  /// The request that is under way is the last one.
  void Stop() { stopped_ = true; }

 private:
  struct Asked {
    SonarFact fact;
    SteadyTime looked{};           ///< by a decision, the last time
    bool looked_since = true;      ///< since it was asked
    std::optional<SteadyTime> at;  ///< when it was asked the last time
    bool at_once = true;
  };
  using Questions = std::map<SonarQuestion, Asked>;
  [[nodiscard]] bool IsDue(const Asked& asked) const;
  [[nodiscard]] std::vector<SonarQuestion> Due();
  /// True: it differs from the one before.
  [[nodiscard]] bool Keep(const SonarQuestion& question, SonarFact fact);

  const SonarServerSettings server_;
  const Milliseconds keep_asking_;
  const Clock& clock_;
  std::atomic<bool> stopped_{false};
  SonarClient client_;
  std::function<void()> wanted_;
  std::function<void()> answered_;
  Guarded<Questions> questions_;
};

}  // namespace failgate
