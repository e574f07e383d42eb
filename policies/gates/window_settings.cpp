// Reading and merging of gate `window`; its verdict is in window.cpp.
#include <fmt/format.h>

#include <algorithm>

#include "controller/base/text.h"
#include "policies/gates/window.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxRanges = 50;
constexpr std::size_t kMaxFreezes = 200;
constexpr std::size_t kMaxReason = 200;
constexpr std::size_t kMaxZone = 64;

/// The form of names in the time zone database. Whether there is such a zone is a fact: this reader
/// has no database.
bool IsZoneName(const std::string& text) {
  const auto fits = [](std::string_view part) {
    return !part.empty() && part.front() != '.' && part.front() != '-' &&
           std::all_of(part.begin(), part.end(), [](char c) {
             return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    c == '_' || c == '+' || c == '-';
           });
  };
  return text.size() <= kMaxZone && EveryPart(text, '/', fits);
}

MaybeWritten<std::string> ReadZoneName(MappingReader& reader,
                                       const YamlNode& node,
                                       ProblemSink& problems) {
  const std::optional<std::string> zone = reader.String("timezone");
  if (!zone) return std::nullopt;
  if (!IsZoneName(*zone)) {
    problems.Add(*node.Find("timezone"),
                 fmt::format("\"{}\" is no name of a time zone; write one such as Europe/Paris",
                             OneLine(*zone, 60)));
    return std::nullopt;
  }
  return WrittenAt(node.Find("timezone"), zone);
}

std::vector<WeeklyRange> ReadAllow(const YamlNode& node, ProblemSink& problems) {
  std::vector<WeeklyRange> ranges;
  if (node.kind != YamlNode::Kind::kSequence || node.items.empty() ||
      node.items.size() > kMaxRanges) {
    problems.Add(node,
                 fmt::format("allow must be a list of 1 to {} ranges such as \"Mon-Thu "
                             "09:00-17:00\"; leave it out to allow any time outside of freezes",
                             kMaxRanges));
    return ranges;
  }
  for (const YamlNode& item : node.items) {
    const std::optional<std::string> text = ReadString(item, "gates.window.allow", problems);
    if (!text) continue;
    std::optional<WeeklyRange> range = ParseWeeklyRange(*text);
    if (range) {
      ranges.push_back(std::move(*range));
      continue;
    }
    problems.Add(item,
                 fmt::format("\"{}\" is no range: write days, hours or both, such as \"Mon-Thu "
                             "09:00-17:00\", \"Sat,Sun\" or \"22:00-06:00\"",
                             OneLine(*text, 60)));
  }
  return ranges;
}

std::optional<WrittenWallTime> ReadWallTime(MappingReader& reader,
                                            const YamlNode& node,
                                            const std::string& key,
                                            ProblemSink& problems) {
  if (reader.Required(key) == nullptr) return std::nullopt;
  const std::optional<std::string> text = reader.String(key);
  if (!text) return std::nullopt;
  std::optional<WrittenWallTime> time = ParseWallTime(*text);
  if (!time) {
    problems.Add(*node.Find(key),
                 fmt::format("\"{}\" is no date: write 2026-12-20 or \"2026-12-20 18:00\"",
                             OneLine(*text, 60)));
  }
  return time;
}

std::optional<Freeze> ReadFreeze(const YamlNode& node, ProblemSink& problems) {
  MappingReader reader(node, "gates.window.freeze", problems);
  const auto from = ReadWallTime(reader, node, "from", problems);
  const auto to = ReadWallTime(reader, node, "to", problems);
  const std::string reason = reader.String("reason").value_or("");
  reader.Finish();
  if (!from || !to) return std::nullopt;
  Freeze freeze{from->time, to->time, OneLine(reason, kMaxReason)};
  // A day is frozen to its end, a time of day is the end.
  if (!to->has_clock) freeze.to.since_epoch += std::chrono::days(1);
  if (freeze.to <= freeze.from) {
    problems.Add(*node.Find("to"), "the freeze ends before it begins: `to` must come after `from`");
    return std::nullopt;
  }
  return freeze;
}

std::vector<Freeze> ReadFreezes(const YamlNode& node, ProblemSink& problems) {
  std::vector<Freeze> freezes;
  if (node.kind != YamlNode::Kind::kSequence || node.items.size() > kMaxFreezes) {
    problems.Add(node,
                 fmt::format("freeze must be a list of at most {} items such as {{from: "
                             "2026-12-20, to: 2027-01-04, reason: year end}}",
                             kMaxFreezes));
    return freezes;
  }
  for (const YamlNode& item : node.items) {
    if (std::optional<Freeze> freeze = ReadFreeze(item, problems)) {
      freezes.push_back(std::move(*freeze));
    }
  }
  return freezes;
}

}  // namespace

WindowSettings ReadWindowSettings(const YamlNode& node, ProblemSink& problems) {
  WindowSettings settings;
  settings.line = node.line;
  settings.column = node.column;
  MappingReader reader(node, "gates.window", problems);
  settings.mode = ReadMode(reader, node);
  settings.zone = ReadZoneName(reader, node, problems);
  if (const YamlNode* allow = reader.Optional("allow"); allow != nullptr) {
    settings.allow = ReadAllow(*allow, problems);
  }
  if (const YamlNode* freeze = reader.Optional("freeze"); freeze != nullptr) {
    settings.freezes = ReadFreezes(*freeze, problems);
  }
  reader.Finish();
  return settings;
}

WindowGate MergeWindow(const WindowGate* floor,
                       const WindowSettings& settings,
                       MergeProblems& problems) {
  WindowGate merged;
  Window window{{}, settings.allow, settings.freezes};
  if (floor != nullptr) {
    merged = *floor;
    problems.CheckMode("window", floor->mode, settings.mode);
    window.zone = floor->windows.front().zone;
  } else if (!settings.zone) {
    problems.Add(settings.line, settings.column, "gate window needs timezone");
  }
  if (settings.zone) window.zone = settings.zone->value;
  const bool says_when = !window.allow.empty() || !window.freezes.empty();
  if (floor == nullptr && !says_when) {
    problems.Add(settings.line, settings.column, "gate window needs allow or freeze");
  }
  merged.mode = settings.mode.mode;
  if (says_when || floor == nullptr) merged.windows.push_back(std::move(window));
  return merged;
}

}  // namespace failgate
