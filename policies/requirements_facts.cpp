#include "policies/requirements_facts.h"

#include "controller/base/text.h"

namespace failgate {

std::string NormalisedDistribution(std::string_view name) {
  std::string normalised;
  for (const char c : ToLower(name)) {
    const bool separator = c == '-' || c == '_' || c == '.';
    if (!separator) {
      normalised += c;
    } else if (normalised.empty() || normalised.back() != '-') {
      normalised += '-';
    }
  }
  return normalised;
}

}  // namespace failgate
