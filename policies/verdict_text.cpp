#include "policies/verdict_text.h"

#include <fmt/format.h>

namespace failgate {

std::string GateLine(const GateVerdict& verdict) {
  return fmt::format("{} {}{} ({})",
                     verdict.gate,
                     Word(verdict.verdict),
                     verdict.mode == GateMode::kAdvise ? " [advise]" : "",
                     verdict.reason);
}

std::string VerdictSummary(const Decision& decision) {
  std::string summary = Word(decision.outcome);
  for (const GateVerdict& verdict : decision.verdicts) {
    summary += fmt::format(" {}={}", verdict.gate, Word(verdict.verdict));
  }
  return summary;
}

}  // namespace failgate
