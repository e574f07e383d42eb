// Results of checks of the operations repository, by what they were run with. One is whole or
// absent: a check that was cut off is run again.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "controller/base/clock.h"
#include "controller/base/ids.h"
#include "controller/store/database.h"

namespace failgate {

struct CheckRow {
  std::string key;  ///< of everything the check was run with
  EnvironmentName environment;
  ProjectName project;
  std::string name;
  long pid = 0;  ///< while it runs; 0 = not known
  std::string start_time = {};
};

/// A check as it is shown to people.
struct CheckRecord {
  CheckRow row;
  bool running = false;
  TimePoint started{};
  std::optional<std::string> result = {};  ///< of the run before while it runs again
};

/// Thread-safe.
class CheckStore {
 public:
  explicit CheckStore(Database& database, const Clock& clock = SystemClock());
  /// A result that is there already stays until Finish.
  void Begin(const CheckRow& row);
  void SetProcess(const std::string& key, long pid, const std::string& start_time);
  void Finish(const std::string& key, const std::string& result_json);
  /// It ended without a result, or never will have one.
  void GiveUp(const std::string& key);
  [[nodiscard]] std::optional<std::string> Result(const std::string& key) const;
  /// Begun and neither finished nor given up.
  [[nodiscard]] std::vector<CheckRow> Running() const;
  /// Of one pair, those with a result, oldest first.
  [[nodiscard]] std::vector<CheckRow> Ended(const EnvironmentName& environment,
                                            const ProjectName& project) const;
  /// Of one pair, those that run and those with a result, begun last first.
  [[nodiscard]] std::vector<CheckRecord> List(const EnvironmentName& environment,
                                              const ProjectName& project,
                                              std::size_t limit) const;
  /// The result goes, whether it runs again or not.
  void Forget(const std::string& key);
  /// Drops all but the newest results; the keys of those that went.
  std::vector<std::string> Prune(std::size_t keep);

 private:
  Database& database_;
  const Clock& clock_;
};

}  // namespace failgate
