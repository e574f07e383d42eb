#include "policies/ladder.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "controller/base/text.h"

namespace failgate {
namespace {

using RungMap = std::map<EnvironmentName, const Rung*>;

/// The way down from `start` until a first rung, an unknown one, or one seen before.
std::vector<EnvironmentName> WayDown(const RungMap& rungs, const EnvironmentName& start) {
  std::vector<EnvironmentName> way;
  std::optional<EnvironmentName> next = start;
  while (next && rungs.count(*next) > 0 && std::find(way.begin(), way.end(), *next) == way.end()) {
    way.push_back(*next);
    next = rungs.at(*next)->after;
  }
  if (next && std::find(way.begin(), way.end(), *next) != way.end()) way.push_back(*next);
  return way;
}

std::string FaultOf(const RungMap& rungs, const Rung& rung) {
  if (!rung.after) return {};
  if (*rung.after == rung.name) return fmt::format("after: {} names itself", rung.name.text());
  if (rungs.count(*rung.after) == 0) {
    std::vector<std::string> names;
    for (const auto& known : rungs) names.push_back(known.first.text());
    const auto nearest = NearestWord(rung.after->text(), names);
    return fmt::format("after: there is no environment {} (environments/{}/environment.yaml){}",
                       rung.after->text(),
                       rung.after->text(),
                       nearest ? fmt::format(": did you mean \"{}\"?", *nearest) : std::string());
  }
  const std::vector<EnvironmentName> way = WayDown(rungs, rung.name);
  if (way.size() < 2 || way.back() != rung.name) return {};
  std::string circle;
  for (const EnvironmentName& name : way) {
    circle += (circle.empty() ? "" : " after ") + name.text();
  }
  return "after: leads in a circle: " + circle;
}

}  // namespace

Ladder BuildLadder(const std::vector<Rung>& rungs) {
  RungMap by_name;
  for (const Rung& rung : rungs) by_name.emplace(rung.name, &rung);

  Ladder ladder;
  std::vector<std::tuple<bool, std::size_t, EnvironmentName>> order;
  for (const auto& [name, rung] : by_name) {
    const std::string fault = FaultOf(by_name, *rung);
    if (!fault.empty())
      ladder.problems[name].push_back(Problem{rung->file, rung->line, rung->column, fault});
    order.emplace_back(!fault.empty(), WayDown(by_name, name).size(), name);
  }
  std::sort(order.begin(), order.end());
  std::size_t highest = 0;
  for (const auto& [broken, height, name] : order) {
    ladder.order.push_back(name);
    if (!broken && height > highest) {
      highest = height;
      ladder.last = name;
    }
  }
  return ladder;
}

}  // namespace failgate
