#include "controller/base/time_zone.h"

#include <date/tz.h>

#include <algorithm>

#include "controller/base/error.h"

namespace failgate {
namespace {

const date::time_zone* FindZone(const std::string& name) {
  try {
    static_cast<void>(date::get_tzdb());
  } catch (const std::exception&) {
    throw Error(Remedy::kNeedsChange,
                "reading the time zone database: it is not there: install the package tzdata");
  }
  try {
    return date::locate_zone(name);
  } catch (const std::runtime_error&) {
    return nullptr;  // how this library says that there is no such zone
  }
}

}  // namespace

std::optional<std::vector<UtcOffset>> OffsetsOfZone(const std::string& name,
                                                    TimePoint from,
                                                    TimePoint until) {
  const date::time_zone* zone = FindZone(name);
  if (zone == nullptr) {
    return std::nullopt;
  }
  std::vector<UtcOffset> offsets;
  TimePoint time = from;
  while (time < until) {
    const date::sys_info info = zone->get_info(std::chrono::floor<std::chrono::seconds>(time));
    if (offsets.empty() || offsets.back().offset != info.offset) {
      offsets.push_back(UtcOffset{time, info.offset});
    }
    if (info.end <= time || info.end >= until) {
      break;
    }
    time = info.end;
  }
  return offsets;
}

bool IsTimeZone(const std::string& name) {
  return FindZone(name) != nullptr;
}

}  // namespace failgate
