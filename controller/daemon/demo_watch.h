// What the demo expects to come true, seen through the controller's API.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include "controller/base/ids.h"
#include "controller/base/secret.h"
#include "controller/daemon/demo_controller.h"

namespace failgate {

struct DemoRun {
  std::string id;
  std::string state;    ///< "succeeded", "failed", …
  std::string release;  ///< empty when there is none
};

struct DemoVerdict {
  std::string state;  ///< of the environment: "waiting", "blocked"
  std::string gate;
  std::string verdict;  ///< of that gate: "wait", "fail"
};

/// Every wait asks again each 100 ms and throws Error(kNeedsChange) with what was expected and what
/// was seen last after 120 s, or as soon as the controller has ended. A stop request ends it with
/// Error(kRetry).
class DemoWatch {
 public:
  /// `token`: of a viewer. The controller must outlive it.
  DemoWatch(const DemoController& controller, Secret token, std::stop_token stop);

  /// The controller has read the operations repository.
  void AwaitReady() const;
  /// The pipeline of a pushed revision has ended (and its release is in the log). The run that
  /// comes last, when a degraded training makes a full one necessary.
  [[nodiscard]] DemoRun AwaitRun(const CommitId& revision) const;
  /// The release runs there and is healthy.
  void AwaitLive(const std::string& environment, const std::string& release) const;
  /// `why` says so of the release.
  void AwaitVerdict(const std::string& environment,
                    const std::string& release,
                    const DemoVerdict& expected) const;
  /// A fact about the environment that is newer than sequence `after`.
  void AwaitFact(const std::string& environment, const std::string& fact, long long after) const;
  /// Of the newest fact about the environment; 0 = none.
  [[nodiscard]] long long NewestFact(const std::string& environment) const;
  /// How many releases there are.
  [[nodiscard]] std::size_t Releases() const;

 private:
  using Look = std::function<bool(std::string& seen)>;
  void Await(const std::string& expected, const Look& look) const;
  /// The body of a 200; nullopt and the reason in `seen` for anything else.
  [[nodiscard]] std::optional<std::string> Get(const std::string& path, std::string& seen) const;

  const DemoController& controller_;
  Secret token_;
  std::stop_token stop_;
};

}  // namespace failgate
