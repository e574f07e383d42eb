// The symbolic link at a target's path: read, and switched in one atomic act.
#pragma once

#include <string>

#include "controller/targets/target_place.h"

namespace failgate {

struct LinkSeen {
  enum class Kind {
    kAbsent,
    kOurs,     ///< into this pair's own folder
    kForeign,  ///< anything else
  };
  Kind kind = Kind::kAbsent;
  std::string version;  ///< for kOurs
  std::string detail;   ///< for kForeign: what stands there
};

/// `parent`: the opened folder in which the link lies.
[[nodiscard]] LinkSeen LookAtLink(int parent, const TargetPlace& place);

/// Makes the link say place.LinkText(), durably. A reader finds the old or the new one, never none.
/// What appears at the path between looking and switching is put back and refused by
/// Error(kNeedsChange), as any foreign thing is.
void SwitchLink(int parent, const TargetPlace& place);

/// Takes the link away, durably, when it is ours; nothing there is done already. What is foreign is
/// put back and refused by Error(kNeedsChange).
void RemoveLink(int parent, const TargetPlace& place);

/// Removes the temporary link that a killed SwitchLink may have left.
void RemoveStaleLink(int parent, const TargetPlace& place);

}  // namespace failgate
