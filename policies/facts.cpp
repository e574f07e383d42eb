#include "policies/facts.h"

namespace failgate {

const std::vector<std::string>& TestLevels() {
  static const std::vector<std::string> kLevels = {
      "unit", "build", "integration", "train", "functional"};
  return kLevels;
}

}  // namespace failgate
