// Steps of runs, their attempts, and what past attempts say about cost and failure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "controller/base/clock.h"
#include "controller/base/ids.h"
#include "controller/store/database.h"
#include "controller/store/run.h"

namespace failgate {

/// How an attempt ended.
struct StepEnd {
  StepState state = StepState::kFailed;
  std::optional<int> exit_code;
  std::string reason;
  long long log_bytes = 0;
  std::string result_json;
};

/// Thread-safe.
class StepStore {
 public:
  explicit StepStore(Database& database, const Clock& clock = SystemClock());

  /// In planned order.
  [[nodiscard]] std::vector<Step> Of(const RunId& run) const;
  [[nodiscard]] std::optional<Step> Get(const RunId& run, const std::string& name) const;
  /// A new attempt begins: attempt + 1, state running, results of the attempt before are forgotten.
  /// Durable before the child may run. Answers the attempt's number.
  int Begin(const RunId& run, const std::string& name, const std::string& log_path);
  /// The attempt's process, written before it is let go.
  void SetProcess(const RunId& run,
                  const std::string& name,
                  long pid,
                  const std::string& start_time);
  /// Ends the running attempt; passed and failed ones count in the statistics of (project, step).
  void End(const RunId& run, const std::string& name, const StepEnd& end);
  void SetSkipped(const RunId& run, const std::string& name, const std::string& reason);
  /// A running attempt whose program died: back to pending; the attempt's number stays.
  void Reset(const RunId& run, const std::string& name);
  /// A passed step whose results are gone: back to pending, to be run once more.
  void Reopen(const RunId& run, const std::string& name);
  /// All running steps, for the restart.
  [[nodiscard]] std::vector<Step> Running() const;
  /// By step name.
  [[nodiscard]] std::map<std::string, StepStatistics> Statistics(const ProjectName& project) const;

 private:
  Database& database_;
  const Clock& clock_;
};

}  // namespace failgate
