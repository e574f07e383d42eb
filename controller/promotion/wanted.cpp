#include "controller/promotion/wanted.h"

namespace failgate {

WantedRelease Wanted(Policy::LastStep last_step, const Desired* desired) {
  const WantedRelease nothing;
  const WantedRelease newest{WantedRelease::Kind::kNewest, ReleaseName()};
  if (desired != nullptr) {
    if (!desired->problems.empty()) return nothing;
    if (desired->none) return {WantedRelease::Kind::kNone, ReleaseName()};
    if (desired->release) return {WantedRelease::Kind::kNamed, *desired->release};
  }
  switch (last_step) {
    case Policy::kDelivery:
      return nothing;
    case Policy::kDeployment:
      return newest;
  }
  return nothing;
}

}  // namespace failgate
