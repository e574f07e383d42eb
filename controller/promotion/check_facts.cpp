#include "controller/promotion/check_facts.h"

#include <algorithm>
#include <utility>

#include "controller/checks/check_desk.h"
#include "controller/checks/check_files.h"
#include "policies/facts_json.h"
#include "policies/gates/checks.h"
#include "policies/gates/command.h"

namespace failgate {
namespace {

CheckedRelease ReleaseOf(const ReleaseRecord& record) {
  return CheckedRelease{record.name, ReleaseRecordDigest(record), record.artifacts};
}

CheckJob JobFor(const Facts& facts, const ReleaseRecord& record) {
  CheckJob job;
  job.environment = facts.environment;
  job.project = facts.project;
  job.files = *facts.check_files;
  job.candidate = ReleaseOf(record);
  return job;
}

/// nullopt: what runs there has no record, so that nothing can be compared with it.
std::optional<CheckJob> BeforeJob(const Situation& situation,
                                  const OperationsCheck& check,
                                  const Facts& facts,
                                  const ReleaseRecord& record) {
  CheckJob job = JobFor(facts, record);
  job.kind = CheckKind::kBefore;
  job.check = check;
  if (facts.running) {
    const auto champion = situation.Record(*facts.running);
    if (!champion) return std::nullopt;
    job.champion = ReleaseOf(*champion);
  }
  return job;
}

CheckJob CommandJob(const CommandGate& gate,
                    const Facts& facts,
                    const std::string& input,
                    const ReleaseRecord& record) {
  CheckJob job = JobFor(facts, record);
  job.kind = CheckKind::kCommand;
  job.check.name = gate.name;
  job.check.run = gate.run;
  job.check.timeout = gate.timeout;
  job.input = FactsToJson(CommandInput(facts));
  job.input_digest = input;
  return job;
}

CheckFact BeforeFact(const Situation& situation,
                     const OperationsCheck& check,
                     const Facts& facts,
                     const ReleaseRecord& record) {
  CheckFact fact;
  fact.name = check.name;
  fact.record = facts.record;
  fact.champion = facts.running.value_or(ReleaseName());
  fact.spec = CheckDigest(check);
  fact.files = facts.check_files->digest;
  const auto job = BeforeJob(situation, check, facts, record);
  if (!job) {
    fact.detail = "the log has no record of " + fact.champion.text() + ", which runs there";
    return fact;
  }
  if (situation.checks == nullptr) {
    fact.detail = "only the controller knows its results";
    return fact;
  }
  const CheckLook look = situation.checks->Look(KeyOf(*job));
  if (!look.outcome) {
    fact.state =
        look.wanted && look.trouble.empty() ? CheckProgress::kRunning : CheckProgress::kDue;
    fact.detail = look.trouble;
    return fact;
  }
  fact.state = look.outcome->passed ? CheckProgress::kPassed : CheckProgress::kFailed;
  fact.tests = look.outcome->tests;
  fact.metrics = look.outcome->metrics;
  fact.detail = look.outcome->reason;
  fact.finished = look.outcome->finished;
  return fact;
}

std::optional<CommandFact> AnswerFact(const Situation& situation,
                                      const CommandGate& gate,
                                      const Facts& facts,
                                      const std::string& input,
                                      const ReleaseRecord& record) {
  if (situation.checks == nullptr) return std::nullopt;
  const CheckLook look = situation.checks->Look(KeyOf(CommandJob(gate, facts, input, record)));
  if (!look.outcome) return std::nullopt;
  CommandFact fact;
  fact.name = gate.name;
  fact.spec = CommandDigest(gate);
  fact.files = facts.check_files->digest;
  fact.input = input;
  fact.asked = look.outcome->started;
  fact.fault = look.outcome->reason;
  if (look.outcome->passed) {
    const auto answer = ParseCommandAnswer(look.outcome->answer);
    if (answer) {
      fact.verdict = answer->verdict;
      fact.reason = answer->reason;
      fact.until = answer->until;
    } else {
      fact.fault = answer.error().text;
    }
  } else if (fact.fault.empty()) {
    fact.fault = "it failed";
  }
  return fact;
}

bool IsOfPrograms(const GateVerdict& verdict) {
  return verdict.gate == "checks" || verdict.gate.substr(0, verdict.gate.find(':')) == "command";
}

bool Refuses(const GateVerdict& verdict) {
  return verdict.mode == GateMode::kEnforce && verdict.verdict == Verdict::kFail;
}

/// From half of its time on a new answer is asked for while the old one still counts.
bool IsToBeAsked(const CommandGate& gate, const CommandFact* answer, TimePoint now) {
  return answer == nullptr || now - answer->asked >= gate.every / 2 ||
         (answer->until && *answer->until <= now && answer->asked < *answer->until);
}

bool WantAnswers(const Situation& situation,
                 const Facts& facts,
                 const Policy& policy,
                 const ReleaseRecord& record) {
  if (policy.commands.empty()) return false;
  bool any = false;
  const std::string input = CommandInputDigest(facts);
  for (const CommandGate& gate : policy.commands) {
    if (IsToBeAsked(gate, AnswerOf(gate, facts, input), facts.now)) {
      situation.checks->Want(CommandJob(gate, facts, input, record));
      any = true;
    }
  }
  return any;
}

}  // namespace

void AddCheckFacts(const Situation& situation,
                   const Candidate& candidate,
                   const ReleaseRecord& record,
                   const Policy& policy,
                   Facts& facts) {
  if (policy.checks.empty() && policy.commands.empty()) return;
  facts.check_files =
      CheckFilesAt(situation.operations, situation.PolicyCommit(), candidate.pair.first);
  for (const OperationsCheck& check : policy.checks.before) {
    facts.checks.push_back(BeforeFact(situation, check, facts, record));
  }
  if (policy.commands.empty()) return;
  const std::string input = CommandInputDigest(facts);
  std::vector<CommandFact> answers;
  for (const CommandGate& gate : policy.commands) {
    if (auto fact = AnswerFact(situation, gate, facts, input, record)) {
      answers.push_back(std::move(*fact));
    }
  }
  facts.commands = std::move(answers);
}

bool WantChecks(const Situation& situation, const DecisionRecord& record, const Policy& policy) {
  const auto& verdicts = record.decision.verdicts;
  const bool refused = std::any_of(verdicts.begin(), verdicts.end(), [](const auto& verdict) {
    return !IsOfPrograms(verdict) && Refuses(verdict);
  });
  const Facts& facts = record.facts;
  if (situation.checks == nullptr || refused || !facts.check_files) return false;
  const auto release = situation.Record(record.release);
  if (!release) return false;
  bool due = false;
  bool failed = false;
  for (const OperationsCheck& check : policy.checks.before) {
    for (const CheckFact& fact : facts.checks) {
      if (fact.name != check.name) continue;
      failed = failed || fact.state == CheckProgress::kFailed;
      if (fact.state != CheckProgress::kDue && fact.state != CheckProgress::kRunning) continue;
      due = true;
      if (const auto job = BeforeJob(situation, check, facts, *release)) {
        situation.checks->Want(*job);
      }
    }
  }
  // What checks find is among the facts that commands are given.
  return due || (!failed && WantAnswers(situation, facts, policy, *release));
}

}  // namespace failgate
