#include "policies/policy.h"

namespace failgate {

bool AsksForApprovals(const Policy& policy) {
  return policy.approvals && policy.approvals->mode == GateMode::kEnforce &&
         policy.approvals->count > 0;
}

std::string Word(Policy::LastStep last_step) {
  switch (last_step) {
    case Policy::kDelivery:
      return "delivery";
    case Policy::kDeployment:
      return "deployment";
  }
  return {};
}

}  // namespace failgate
