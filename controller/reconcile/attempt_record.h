// What a deployment's row keeps in `steps_json`: which order it carries out, how far its steps are,
// how it ended.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "controller/reconcile/order.h"

namespace failgate {

struct AttemptStep {
  std::string name;
  std::string state;  ///< "pending" | "applying" | "applied"
  bool operator==(const AttemptStep&) const = default;
};

struct AttemptRecord {
  long order = 0;       ///< Order::attempt
  std::string process;  ///< which life of the controller began it
  std::vector<AttemptStep> steps;
  std::optional<ReconcileEnd> end;
  std::string running;  ///< release that was found at a failed end
  std::string running_spec;
  bool operator==(const AttemptRecord&) const = default;
};

[[nodiscard]] std::string AttemptRecordToJson(const AttemptRecord& record);
/// nullopt for anything that AttemptRecordToJson did not write.
[[nodiscard]] std::optional<AttemptRecord> ParseAttemptRecord(const std::string& json);

/// "deployed", "failed", "rolled-back", "rollback-failed", "drifted", "unhealthy", "healed",
/// "heal-failed", "removed", "remove-failed".
[[nodiscard]] std::string EndWord(ReconcileEnd end);

}  // namespace failgate
