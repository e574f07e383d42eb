// A fact of the deploy log: one signed commit each, all of it readable with stock git (product.md
// §5).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "controller/base/clock.h"
#include "controller/base/ids.h"
#include "controller/base/result.h"

namespace failgate {

enum class FactKind {
  kStarted,  ///< a controller process took the log over: its instance is in controller.json
  kReleased,
  kDecided,
  kApproved,
  kRejected,
  kWithdrawn,
  kOverridden,  ///< a person lets a gate pass for a release, for some hours
  kPromoted,
  kDeployed,
  kFailed,
  kRolledBack,
  kRemovalOrdered,  ///< what is there is to go; the target is touched only after this
  kRemoved,
  kDrifted,
  kHealed,
  kHeld,     ///< a person stopped all automation of the pair
  kResumed,  ///< a hold ended, or what failed may be tried again
  kSuperseded,
  kRefused,
  kHistoryAccepted,  ///< an operator accepted a branch that had lost commits
  kKeyRotated,       ///< another key signs from here on
  kPolicyChanged,    ///< other policy is in force from here on, by an owner's signature
  kTokenChanged,     ///< a person's token or key counts from here on, or does not any more
};

/// "rolled-back"; the inverse returns nullopt for words this version does not know.
[[nodiscard]] std::string FactWord(FactKind kind);
/// Whether two facts of this kind may say the same: within one second a target can be changed and
/// repaired twice.
[[nodiscard]] bool MayRepeat(FactKind kind);
[[nodiscard]] std::optional<FactKind> ParseFactWord(std::string_view word);

using Trailer = std::pair<std::string, std::string>;

/// What happened, before it has a place in the log.
struct Fact {
  FactKind kind = FactKind::kStarted;
  TimePoint at;
  std::string subject;  ///< the commit's first line: "deployed churn-42 to prod"
  ProjectName project;
  EnvironmentName environment;
  ReleaseName release;
  std::vector<Trailer> trailers;  ///< further ones in the order to print; keys may repeat ("Gate")
  bool recovered = false;         ///< written after a restart for what happened before it

  void Add(std::string key, std::string value) {
    trailers.emplace_back(std::move(key), std::move(value));
  }
};

/// The commit message. Every value becomes one line: control characters are written \uXXXX, secrets
/// are redacted, so that no text of a person or payload can become a trailer of its own.
[[nodiscard]] std::string FormatFactMessage(const Fact& fact, long sequence);

/// A fact as read back from a commit message.
struct WrittenFact {
  Fact fact;
  long sequence = 0;
  [[nodiscard]] std::optional<std::string> Value(std::string_view key) const;
};
/// Strict reader of FormatFactMessage's output; the refusal says what is wrong with the message.
[[nodiscard]] Result<WrittenFact> ParseFactMessage(std::string_view message);

}  // namespace failgate
