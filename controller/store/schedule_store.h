// Up to which time each schedule of a pipeline has been looked at.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "controller/base/clock.h"
#include "controller/base/ids.h"
#include "controller/store/database.h"

namespace failgate {

/// One entry of triggers.schedule as the newest head of the code branch has it.
struct ScheduleKey {
  std::string cron;
  std::string timezone;
  auto operator<=>(const ScheduleKey&) const = default;
};

/// Thread-safe.
class ScheduleStore {
 public:
  explicit ScheduleStore(Database& database);

  /// nullopt: it was never seen.
  [[nodiscard]] std::optional<TimePoint> SeenUntil(const ProjectName& project,
                                                   const ScheduleKey& key) const;
  /// Sets the time for `keys` and forgets all others of the project.
  void SetSeen(const ProjectName& project, const std::vector<ScheduleKey>& keys, TimePoint until);

 private:
  Database& database_;
};

}  // namespace failgate
