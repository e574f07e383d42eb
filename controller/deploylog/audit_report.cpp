#include "controller/deploylog/audit_report.h"

#include <nlohmann/json.hpp>

namespace failgate {

std::string Word(AuditKind kind) {
  switch (kind) {
    case AuditKind::kUnsigned:
      return "unsigned";
    case AuditKind::kForeignKey:
      return "foreign-key";
    case AuditKind::kSequence:
      return "sequence";
    case AuditKind::kDate:
      return "date";
    case AuditKind::kRecord:
      return "record";
    case AuditKind::kDecision:
      return "decision";
    case AuditKind::kOrphan:
      return "orphan";
    case AuditKind::kCutOff:
      return "cut-off";
    case AuditKind::kRewritten:
      return "rewritten";
  }
  return "";
}

std::string WriteJson(const AuditReport& report) {
  nlohmann::ordered_json json{{"ok", report.ok()},
                              {"commits", report.commits},
                              {"attested", report.attested},
                              {"problems", nlohmann::ordered_json::array()}};
  for (const AuditProblem& problem : report.problems) {
    json["problems"].push_back(
        {{"commit", problem.commit.text()}, {"kind", Word(problem.kind)}, {"text", problem.text}});
  }
  return json.dump() + "\n";
}

}  // namespace failgate
