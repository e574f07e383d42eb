#include "controller/pipeline/trigger_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "controller/base/text.h"
#include "controller/base/time_zone.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxWatches = 20;
constexpr std::size_t kMaxSchedules = 20;

/// False after telling that it is no list of at most `most`.
bool IsList(const YamlNode& node, const char* what, std::size_t most, ProblemSink& problems) {
  if (node.kind == YamlNode::Kind::kSequence && !node.items.empty() && node.items.size() <= most) {
    return true;
  }
  problems.Add(node, fmt::format("{} must be a list of 1 to {} entries", what, most));
  return false;
}

bool Overlap(const std::string& a, const std::string& b) {
  return a == b || a.rfind(b + "/", 0) == 0 || b.rfind(a + "/", 0) == 0;
}

WatchUse ReadWatchUse(const YamlNode& node, ProblemSink& problems) {
  WatchUse use;
  MappingReader reader(node, "triggers.data.watch", problems);
  if (reader.Required("name") != nullptr) {
    use.name = reader.Name("name").value_or("");
  }
  use.at = reader.RequiredString("at");
  if (const YamlNode* at = reader.Optional("at"); at != nullptr && !IsSafeRelativePath(use.at)) {
    problems.Add(*at,
                 fmt::format("at: \"{}\" is not a path inside of the workspace: write one such as "
                             "data/sales",
                             OneLine(use.at, 80)));
    use.at.clear();
  }
  reader.Finish();
  return use;
}

ScheduleTrigger ReadSchedule(const YamlNode& node, ProblemSink& problems) {
  ScheduleTrigger schedule;
  MappingReader reader(node, "triggers.schedule", problems);
  schedule.cron = reader.RequiredString("cron");
  if (const YamlNode* cron = reader.Optional("cron"); cron != nullptr) {
    const Result<CronSchedule> times = CronSchedule::Parse(schedule.cron);
    if (times) {
      schedule.times = *times;
    } else {
      problems.Add(*cron, "cron: " + times.error().text);
    }
  }
  schedule.timezone = reader.String("timezone").value_or(schedule.timezone);
  if (const YamlNode* zone = reader.Optional("timezone");
      zone != nullptr && !IsTimeZone(schedule.timezone)) {
    problems.Add(*zone,
                 fmt::format("timezone: there is no time zone \"{}\" on this machine: write one "
                             "such as Europe/Paris",
                             OneLine(schedule.timezone, 80)));
  }
  reader.Finish();
  return schedule;
}

}  // namespace

std::vector<WatchUse> ReadWatchUses(const YamlNode& node, ProblemSink& problems) {
  std::vector<WatchUse> uses;
  if (!IsList(node, "triggers.data.watch", kMaxWatches, problems)) {
    return uses;
  }
  for (const YamlNode& item : node.items) {
    WatchUse use = ReadWatchUse(item, problems);
    for (const WatchUse& other : uses) {
      if (!use.name.empty() && use.name == other.name) {
        problems.Add(item, fmt::format("the watch {} is named twice", use.name));
      } else if (!use.at.empty() && !other.at.empty() && Overlap(use.at, other.at)) {
        problems.Add(item,
                     fmt::format("at: {} and {} lie in one another: each watch needs a place of "
                                 "its own",
                                 use.at,
                                 other.at));
      }
    }
    uses.push_back(std::move(use));
  }
  std::sort(uses.begin(), uses.end(), [](const WatchUse& a, const WatchUse& b) {
    return a.name < b.name;
  });
  return uses;
}

std::vector<ScheduleTrigger> ReadSchedules(const YamlNode& node, ProblemSink& problems) {
  std::vector<ScheduleTrigger> schedules;
  if (!IsList(node, "triggers.schedule", kMaxSchedules, problems)) {
    return schedules;
  }
  for (const YamlNode& item : node.items) {
    schedules.push_back(ReadSchedule(item, problems));
  }
  return schedules;
}

}  // namespace failgate
