// One kind of thing that is deployed to. Every target answers the same questions; a change is
// proved by observing, never by an exit code.
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "controller/base/clock.h"
#include "controller/reconcile/order.h"

namespace failgate {

/// One step of a deployment for one release in one environment.
struct TargetStep {
  EnvironmentName environment;
  ProjectName project;
  const Deployable* deployable = nullptr;  ///< outlives the call
  const DeployStep* step = nullptr;
};

struct Observation {
  enum class Kind {
    kAsWanted,
    kAbsent,   ///< nothing of ours is there
    kDiffers,  ///< ours, but not as wanted
    kForeign,  ///< something that is not ours stands there: never touched, a person must act
  };
  Kind kind = Kind::kAbsent;
  std::string detail;       ///< one line; what differs, or what stands in the way
  std::string notice = {};  ///< of kAsWanted: what people should know all the same, one line
};

struct HealthAnswer {
  bool healthy = false;
  std::string detail;
};

/// Thread-safe for different steps.
class Target {
 public:
  virtual ~Target() = default;
  /// full: every byte is hashed again; else unchanged (size, mtime, ctime, inode) files are
  /// trusted.
  [[nodiscard]] virtual Observation Observe(const TargetStep& step, bool full) = 0;
  /// Makes it so; what is right already is not touched. Throws Error; kForeign is kNeedsChange.
  virtual void Apply(const TargetStep& step) = 0;
  /// Asks once and waits at most `within`; the caller asks again until the check's own time-out is
  /// over. A step without a check is healthy. Never throws for what the check finds.
  [[nodiscard]] virtual HealthAnswer Healthy(const TargetStep& step,
                                             Milliseconds within,
                                             const std::stop_token& stop) = 0;
  /// Removes versions of this step that are neither `step` nor one of `keep`.
  virtual void Prune(const TargetStep& step, const std::vector<TargetStep>& keep) = 0;
  /// Takes away what stands there for this step and every version the pair ever had of it; nothing
  /// there is done already. What is not ours is left: Throws Error, kForeign is kNeedsChange.
  virtual void Remove(const TargetStep& step) = 0;
};

}  // namespace failgate
