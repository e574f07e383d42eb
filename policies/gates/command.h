// Gate `command`: a program of the operations repository is given the facts and answers the
// verdict.
#pragma once

#include <string>
#include <vector>

#include "policies/facts.h"
#include "policies/gates/gate_settings.h"

namespace failgate {

/// One command. Its name is "" when the gate has one without a name.
struct CommandGate {
  std::string name;
  std::string run;
  Milliseconds timeout{60'000};
  /// An answer counts so long; it is asked for anew from half of it on.
  Milliseconds every{600'000};
  GateMode mode = GateMode::kEnforce;
  bool operator==(const CommandGate&) const = default;
};

struct CommandSettings {
  CommandGate gate;
  ModeSetting mode;
  int line = 0;
  int column = 0;
};

/// `node` is one command or a list of them with different names.
[[nodiscard]] std::vector<CommandSettings> ReadCommandSettings(const YamlNode& node,
                                                               ProblemSink& problems);
/// A project adds commands; one of the floor's name must be the floor's.
[[nodiscard]] std::vector<CommandGate> MergeCommands(const std::vector<CommandGate>& floor,
                                                     const std::vector<CommandSettings>& settings,
                                                     MergeProblems& problems);

/// "command", or "command:NAME": the name of its verdict.
[[nodiscard]] std::string GateNameOf(const CommandGate& gate);
/// "sha256:…" of what is run and how; not `every` and `mode`.
[[nodiscard]] std::string CommandDigest(const CommandGate& gate);

/// What a command is given to judge: all facts but the answers of commands and overrides.
[[nodiscard]] Facts CommandInput(const Facts& facts);
/// "sha256:…" of that without what changes with every look: the time, the rules of time zones, and
/// which commit the files were read from.
[[nodiscard]] std::string CommandInputDigest(const Facts& facts);

/// What a program wrote.
struct CommandAnswer {
  Verdict verdict = Verdict::kFail;
  std::string reason;
  std::optional<TimePoint> until;
};
inline constexpr std::size_t kMaxAnswerBytes = std::size_t{64} << 10U;
/// {"verdict": "pass"|"fail"|"wait", "reason": TEXT, "until": TIME of a wait}; nothing else.
/// Refusal code "invalid_answer".
[[nodiscard]] Result<CommandAnswer> ParseCommandAnswer(std::string_view text);

/// The answer that was given to exactly these facts; nullptr: none, or more than one. `input`:
/// CommandInputDigest of the facts.
[[nodiscard]] const CommandFact* AnswerOf(const CommandGate& gate,
                                          const Facts& facts,
                                          const std::string& input);
/// One verdict a command. An answer to other facts, or too old a pass, waits.
void EvaluateCommands(const std::vector<CommandGate>& gates,
                      const Facts& facts,
                      std::vector<GateVerdict>& verdicts);
/// Every command answered in the agreed form to exactly these facts.
[[nodiscard]] bool CommandsAnswered(const std::vector<CommandGate>& gates, const Facts& facts);

}  // namespace failgate
