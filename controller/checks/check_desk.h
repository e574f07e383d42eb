// Where checks are asked for and their results are found.
#pragma once

#include <optional>
#include <string>

#include "controller/checks/check_job.h"

namespace failgate {

/// What is known of a job now.
struct CheckLook {
  std::optional<CheckOutcome> outcome;  ///< durable
  bool wanted = false;                  ///< queued or running (again)
  std::string trouble;                  ///< what kept it from running the last time; it is retried
};

/// Thread-safe; never waits for a job.
class CheckDesk {
 public:
  virtual ~CheckDesk() = default;
  [[nodiscard]] virtual CheckLook Look(const std::string& key) = 0;
  /// Queues it unless it is queued or running; with an outcome it is run again and the new outcome
  /// takes its place.
  virtual void Want(const CheckJob& job) = 0;
  /// Jobs that wait and were not wanted since the last call are dropped, but for kAfter.
  virtual void Settle() = 0;
  /// A person wants what failed to be tried again: outcomes of this pair that are no pass are gone.
  /// How many there were.
  virtual std::size_t ForgetFailed(const EnvironmentName& environment,
                                   const ProjectName& project) = 0;
};

}  // namespace failgate
