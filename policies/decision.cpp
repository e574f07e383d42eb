#include "policies/decision.h"

namespace failgate {

std::string Word(Verdict verdict) {
  switch (verdict) {
    case Verdict::kPass:
      return "pass";
    case Verdict::kFail:
      return "fail";
    case Verdict::kWait:
      return "wait";
  }
  return {};
}

std::string Word(Outcome outcome) {
  switch (outcome) {
    case Outcome::kPassed:
      return "passed";
    case Outcome::kBlocked:
      return "blocked";
    case Outcome::kDeferred:
      return "deferred";
  }
  return {};
}

std::string Word(GateMode mode) {
  switch (mode) {
    case GateMode::kEnforce:
      return "enforce";
    case GateMode::kAdvise:
      return "advise";
  }
  return {};
}

std::optional<Verdict> ParseVerdict(const std::string& word) {
  for (const Verdict verdict : {Verdict::kPass, Verdict::kFail, Verdict::kWait}) {
    if (Word(verdict) == word) return verdict;
  }
  return std::nullopt;
}

std::optional<Outcome> ParseOutcome(const std::string& word) {
  for (const Outcome outcome : {Outcome::kPassed, Outcome::kBlocked, Outcome::kDeferred}) {
    if (Word(outcome) == word) return outcome;
  }
  return std::nullopt;
}

std::optional<GateMode> ParseGateMode(const std::string& word) {
  for (const GateMode mode : {GateMode::kEnforce, GateMode::kAdvise}) {
    if (Word(mode) == word) return mode;
  }
  return std::nullopt;
}

}  // namespace failgate
