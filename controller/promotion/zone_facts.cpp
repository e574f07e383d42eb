#include "controller/promotion/zone_facts.h"

#include <set>

#include "controller/base/time_zone.h"

namespace failgate {
namespace {

constexpr std::chrono::days kBefore{2};
constexpr std::chrono::days kAfter{400};

ZoneFact ZoneFactOf(const std::string& name, TimePoint now) {
  ZoneFact fact;
  fact.name = name;
  // Whole days: facts of one day are the same text.
  fact.from = std::chrono::floor<std::chrono::days>(now) - kBefore;
  fact.until = fact.from + kBefore + kAfter;
  const auto offsets = OffsetsOfZone(name, fact.from, fact.until);
  fact.known = offsets.has_value();
  for (const UtcOffset& offset : offsets.value_or(std::vector<UtcOffset>{})) {
    fact.offsets.push_back(ZoneOffset{offset.since, offset.offset.count()});
  }
  return fact;
}

}  // namespace

std::vector<ZoneFact> ZoneFactsOf(const Policy& policy, TimePoint now) {
  std::set<std::string> names;
  if (policy.window) {
    for (const Window& window : policy.window->windows) {
      names.insert(window.zone);
    }
  }
  std::vector<ZoneFact> facts;
  facts.reserve(names.size());
  for (const std::string& name : names) {
    facts.push_back(ZoneFactOf(name, now));
  }
  return facts;
}

}  // namespace failgate
