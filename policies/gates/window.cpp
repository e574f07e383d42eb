#include "policies/gates/window.h"

#include <fmt/format.h>

#include <algorithm>

#include "controller/base/text.h"

namespace failgate {
namespace {

/// More beginnings, ends of freezes and changes of clocks are not looked at for the next opening.
constexpr int kMaxSteps = 10'000;

/// A window with the rules of its zone.
struct ZonedWindow {
  const Window& window;
  ZoneTime zone;
};

const Freeze* FreezeAt(const ZonedWindow& zoned, TimePoint time) {
  // Where clocks are put back a freeze holds through both hours of the same name.
  const Freeze* longest = nullptr;
  for (const Freeze& freeze : zoned.window.freezes) {
    if (zoned.zone.First(freeze.from) > time || zoned.zone.Last(freeze.to) <= time) continue;
    if (longest == nullptr || freeze.to > longest->to) longest = &freeze;
  }
  return longest;
}

bool IsAllowed(const ZonedWindow& zoned, TimePoint time) {
  const std::vector<WeeklyRange>& allow = zoned.window.allow;
  const WallTime wall = zoned.zone.At(time);
  return allow.empty() || std::any_of(allow.begin(), allow.end(), [wall](const WeeklyRange& range) {
           return Contains(range, wall);
         });
}

bool IsOpen(const ZonedWindow& zoned, TimePoint time) {
  return FreezeAt(zoned, time) == nullptr && IsAllowed(zoned, time);
}

/// The first instant after `time` at which a closed window may have opened.
std::optional<TimePoint> NextChance(const ZonedWindow& zoned, TimePoint time) {
  std::optional<TimePoint> next = zoned.zone.NextChange(time);
  const auto consider = [&next](TimePoint chance) {
    if (!next || chance < *next) next = chance;
  };
  if (const Freeze* freeze = FreezeAt(zoned, time); freeze != nullptr) {
    consider(zoned.zone.Last(freeze->to));
    return next;
  }
  const WallTime wall = zoned.zone.At(time);
  for (const WeeklyRange& range : zoned.window.allow) {
    // Right while the clocks do not change: where they do, that is the nearer chance.
    consider(time + (NextBeginning(range, wall).since_epoch - wall.since_epoch));
  }
  return next;
}

/// The first instant from `now` on at which all windows are open.
std::optional<TimePoint> NextOpening(const std::vector<ZonedWindow>& windows, TimePoint now) {
  TimePoint time = now;
  for (int step = 0; step < kMaxSteps; ++step) {
    std::optional<TimePoint> next;
    for (const ZonedWindow& zoned : windows) {
      if (IsOpen(zoned, time)) continue;
      const std::optional<TimePoint> chance = NextChance(zoned, time);
      if (!chance || *chance >= zoned.zone.until()) return std::nullopt;
      if (!next || *chance > *next) next = chance;
    }
    if (!next) return time;
    time = *next;
  }
  return std::nullopt;
}

std::string AllowedText(const Window& window) {
  std::vector<std::string> texts;
  texts.reserve(window.allow.size());
  for (const WeeklyRange& range : window.allow) texts.push_back(range.text);
  return texts.empty() ? "any time" : Join(texts, ", ");
}

std::string OpenText(const std::vector<ZonedWindow>& windows) {
  std::vector<std::string> texts;
  for (const ZonedWindow& zoned : windows) {
    texts.push_back(fmt::format("{} {}", AllowedText(zoned.window), zoned.window.zone));
  }
  return "open: " + Join(texts, " and ");
}

/// Why the first closed window is closed. Says nothing of `now`, so that it stays the same text
/// while nothing changes.
std::string ClosedText(const ZonedWindow& zoned, TimePoint now) {
  const Window& window = zoned.window;
  if (const Freeze* freeze = FreezeAt(zoned, now); freeze != nullptr) {
    return fmt::format("frozen until {} {}{}",
                       FormatWallTime(freeze->to),
                       window.zone,
                       freeze->reason.empty() ? "" : ": " + freeze->reason);
  }
  return fmt::format("closed outside of {} {}", AllowedText(window), window.zone);
}

/// The rules of the window's zone, or in `verdict` why they are not known.
std::optional<ZoneTime> ZoneOf(const Window& window, const Facts& facts, GateVerdict& verdict) {
  const ZoneFact* found = nullptr;
  for (const ZoneFact& zone : facts.zones) {
    if (zone.name != window.zone) continue;
    if (found != nullptr && !(*found == zone)) {
      verdict.verdict = Verdict::kFail;
      verdict.reason = fmt::format("the facts give two rules of time zone {}", window.zone);
      return std::nullopt;
    }
    found = &zone;
  }
  if (found == nullptr) {
    verdict.reason = fmt::format("the rules of time zone {} are not known", window.zone);
    return std::nullopt;
  }
  if (!found->known) {
    verdict.verdict = Verdict::kFail;
    verdict.reason = fmt::format(
        "there is no time zone {}: write a name of the time zone database such as Europe/Paris",
        window.zone);
    return std::nullopt;
  }
  std::optional<ZoneTime> zone = ZoneTime::Of(*found, facts.now);
  if (!zone) {
    verdict.reason =
        fmt::format("the rules of time zone {} are not known for this time", window.zone);
  }
  return zone;
}

}  // namespace

GateVerdict EvaluateWindow(const WindowGate& gate, const Facts& facts) {
  GateVerdict verdict{"window", gate.mode, Verdict::kWait, {}, std::nullopt};
  std::vector<ZonedWindow> windows;
  for (const Window& window : gate.windows) {
    std::optional<ZoneTime> zone = ZoneOf(window, facts, verdict);
    if (!zone) {
      verdict.reason = OneLine(verdict.reason);
      return verdict;
    }
    windows.push_back({window, std::move(*zone)});
  }
  if (windows.empty()) {
    verdict.verdict = Verdict::kFail;
    verdict.reason = "no window is asked for";
    return verdict;
  }
  const auto closed =
      std::find_if(windows.begin(), windows.end(), [&facts](const ZonedWindow& zoned) {
        return !IsOpen(zoned, facts.now);
      });
  if (closed == windows.end()) {
    verdict.verdict = Verdict::kPass;
    verdict.reason = OneLine(OpenText(windows));
    return verdict;
  }
  verdict.until = NextOpening(windows, facts.now);
  const std::string opens = verdict.until
                                ? "opens " + FormatWallTime(closed->zone.At(*verdict.until))
                                : std::string("when it opens is not known");
  verdict.reason = OneLine(fmt::format("{}; {}", ClosedText(*closed, facts.now), opens));
  return verdict;
}

}  // namespace failgate
