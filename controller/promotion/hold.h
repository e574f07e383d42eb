// Whether a pair is held, by whom, and what the log is still to be told of it.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "controller/deploylog/log_state.h"
#include "controller/deploylog/log_view.h"
#include "controller/promotion/situation.h"
#include "controller/promotion/wish.h"

namespace failgate {

/// What main says of holding and the log does not say yet.
struct HoldChange {
  enum class Kind { kHeld, kResumed, kExpired };
  Kind kind = Kind::kHeld;
  StandingHold hold;         ///< that begins or ends
  std::optional<Wish> wish;  ///< of kHeld and kResumed
};

struct HoldLook {
  std::optional<StandingHold> hold;  ///< in effect
  std::optional<HoldChange> change;
  /// A commit that is nobody's, or signed by a person who is no approver there, held the pair or
  /// took its hold away: what the log says stays.
  std::optional<Wish> refused;
  std::string who = {};  ///< whose the refused commit is, as the subject of a sentence
};

/// A hold begins and ends by a person's request; its time ends it too. The log says what is in
/// effect, so that what nobody asked changes nothing. Files with problems end no hold: what cannot
/// be read is nobody's wish.
[[nodiscard]] HoldLook LookAtHold(const Situation& situation,
                                  const EnvironmentProject& pair,
                                  const EnvironmentState& state,
                                  WishFinder& wishes);

/// Of pairs the log knows and main does not deploy (any more): nobody judges them, and a hold that
/// is over must not keep their drift from being healed.
[[nodiscard]] std::vector<std::pair<EnvironmentProject, HoldChange>> HoldChangesOfUndeployed(
    const Situation& situation, const LogView& log, WishFinder& wishes);
/// Whether main deploys the pair, in an environment of the ladder.
[[nodiscard]] bool IsDeployed(const OperationsView& view, const EnvironmentProject& pair);

/// "held by Alice Martin <…> until 2026-12-01T09:00:00Z: year end; drift is not repaired".
[[nodiscard]] std::string HoldText(const StandingHold& hold);
/// "failgate resume churn prod".
[[nodiscard]] std::string ResumeCommand(const EnvironmentProject& pair);

}  // namespace failgate
