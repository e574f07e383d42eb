#include "policies/gates/command.h"

#include <fmt/format.h>

#include <algorithm>

#include "controller/base/digest.h"
#include "controller/base/text.h"
#include "policies/facts_json.h"
#include "policies/operations_check.h"

namespace failgate {
namespace {

constexpr std::size_t kShownReason = 300;

GateVerdict Judge(const CommandGate& gate, const Facts& facts, const std::string& input) {
  GateVerdict verdict{GateNameOf(gate), gate.mode, Verdict::kWait, {}, std::nullopt};
  const CommandFact* answer = AnswerOf(gate, facts, input);
  if (answer == nullptr) {
    verdict.reason = "the command has not answered these facts yet";
    return verdict;
  }
  if (!answer->fault.empty()) {
    verdict.verdict = Verdict::kFail;
    verdict.reason = OneLine(fmt::format("no answer that counts: {}", answer->fault), kShownReason);
    return verdict;
  }
  if (answer->verdict == Verdict::kPass && facts.now - answer->asked > gate.every) {
    verdict.reason = fmt::format("its answer of {} is too old", FormatTime(answer->asked));
    return verdict;
  }
  verdict.verdict = answer->verdict;
  verdict.reason = OneLine(answer->reason, kShownReason);
  if (answer->verdict == Verdict::kWait) verdict.until = answer->until;
  return verdict;
}

}  // namespace

std::string GateNameOf(const CommandGate& gate) {
  return gate.name.empty() ? "command" : "command:" + gate.name;
}

std::string CommandDigest(const CommandGate& gate) {
  ProgramDigest digest("failgate command 1");
  digest.Add("name", gate.name);
  digest.Add("run", gate.run);
  digest.Add("timeout", std::to_string(gate.timeout.count()));
  return digest.Finish();
}

Facts CommandInput(const Facts& facts) {
  Facts input = facts;
  input.commands.clear();
  input.overrides.clear();  // given because of an answer, they must not make it another question
  return input;
}

std::string CommandInputDigest(const Facts& facts) {
  Facts input = CommandInput(facts);
  input.now = TimePoint();
  input.zones.clear();
  if (input.check_files) input.check_files->commit = CommitId();
  if (input.sonar) input.sonar->asked_at.reset();
  return "sha256:" + Sha256Hex(FactsToJson(input));
}

const CommandFact* AnswerOf(const CommandGate& gate, const Facts& facts, const std::string& input) {
  const CommandFact* found = nullptr;
  for (const CommandFact& fact : facts.commands) {
    if (fact.name != gate.name) continue;
    if (found != nullptr) return nullptr;
    found = &fact;
  }
  const bool counts = found != nullptr && facts.check_files && !facts.check_files->digest.empty() &&
                      found->files == facts.check_files->digest &&
                      found->spec == CommandDigest(gate) && found->input == input &&
                      found->asked <= facts.now;
  return counts ? found : nullptr;
}

void EvaluateCommands(const std::vector<CommandGate>& gates,
                      const Facts& facts,
                      std::vector<GateVerdict>& verdicts) {
  if (gates.empty()) return;
  const std::string input = CommandInputDigest(facts);
  for (const CommandGate& gate : gates) verdicts.push_back(Judge(gate, facts, input));
}

bool CommandsAnswered(const std::vector<CommandGate>& gates, const Facts& facts) {
  const std::string input = CommandInputDigest(facts);
  return std::all_of(gates.begin(), gates.end(), [&](const CommandGate& gate) {
    const CommandFact* answer = AnswerOf(gate, facts, input);
    return answer != nullptr && answer->fault.empty();
  });
}

}  // namespace failgate
