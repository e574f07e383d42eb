// The metrics that count for a release in an environment, each with where it was measured.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policies/facts.h"
#include "policies/operations_check.h"

namespace failgate {

/// Where a checks.before declares a metrics report, what such checks found; else what the run
/// measured. The facts outlive it.
class MeasuredMetrics {
 public:
  MeasuredMetrics(const std::vector<OperationsCheck>& checks, const Facts& facts);

  struct Value {
    std::optional<double> number = {};  ///< absent: `fault` says why
    std::string fault = {};             ///< one phrase: "is missing"
    bool absent = true;                 ///< of a fault: it is about facts that are not there
  };
  /// Of the candidate; every source that reports it must report the same finite number.
  [[nodiscard]] Value Candidate(const std::string& metric) const;

  struct Compared {
    Value champion = {};         ///< measured by the same run or check as the candidate's
    ReleaseName with = {};       ///< whose value it is
    bool is_carried_on = false;  ///< both are of the training that made the model, an earlier run
    bool seen_another = false;  ///< no value of what runs now: another champion, or none, was there
    bool other_is_measured = false;  ///< of another champion there is a value
  };
  /// The champion's value of `metric`. What runs in the environment must be known.
  [[nodiscard]] Compared Champion(const std::string& metric) const;

  /// Names of the candidate's metrics that begin with `start`, also those only the champion has.
  [[nodiscard]] std::vector<std::string> NamesFrom(const std::string& start) const;

  /// Of the candidate alone.
  [[nodiscard]] std::vector<std::string> CandidatesFrom(const std::string& start) const;

  /// Why nothing counts yet; empty: the checks ended, or the run's own metrics count.
  [[nodiscard]] const std::string& waits() const { return waits_; }
  /// Why nothing will count; empty as above.
  [[nodiscard]] const std::string& failed() const { return failed_; }
  [[nodiscard]] bool of_checks() const { return of_checks_; }
  /// When the last of the checks ended; nullopt for the run's own metrics.
  [[nodiscard]] const std::optional<TimePoint>& since() const { return since_; }

 private:
  struct Source {
    std::string origin;  ///< values of one origin were measured together
    const std::map<std::string, double>* metrics = nullptr;
    ReleaseName champion;
    bool carried_on = false;
  };
  void TakeCheck(const OperationsCheck& check, const Facts& facts);
  [[nodiscard]] Value Find(const std::string& metric, const std::string* origin) const;

  const Facts& facts_;
  std::vector<Source> sources_;
  bool of_checks_ = false;
  std::string waits_;
  std::string failed_;
  std::optional<TimePoint> since_;
};

/// "champion." + `metric`.
[[nodiscard]] std::string ChampionMetric(std::string_view metric);

}  // namespace failgate
