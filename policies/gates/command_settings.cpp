// Reading and merging of gate `command`; its verdict is in command.cpp.
#include <fmt/format.h>

#include <algorithm>

#include "controller/base/text.h"
#include "policies/gates/command.h"
#include "policies/operations_check.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxCommands = 20;
constexpr Milliseconds kLongestCommand = std::chrono::hours(1);
constexpr Milliseconds kShortestEvery = std::chrono::minutes(1);
constexpr Milliseconds kLongestEvery = std::chrono::hours(24);

CommandSettings ReadOne(const YamlNode& node, const std::string& name, ProblemSink& problems) {
  MappingReader reader(node, name, problems);
  CommandSettings settings;
  settings.line = node.line;
  settings.column = node.column;
  settings.mode = ReadMode(reader, node);
  settings.gate.mode = settings.mode.mode;
  settings.gate.name = reader.Name("name").value_or("");
  settings.gate.run = ReadProgramText(reader, problems);
  settings.gate.timeout =
      ReadProgramTimeout(reader, settings.gate.timeout, kLongestCommand, problems);
  if (const auto every = reader.Duration("every")) {
    settings.gate.every = *every;
    if (*every < kShortestEvery || *every > kLongestEvery) {
      problems.Add(*reader.Optional("every"), "every must lie between 1m and 24h");
    }
  }
  reader.Finish();
  return settings;
}

}  // namespace

std::vector<CommandSettings> ReadCommandSettings(const YamlNode& node, ProblemSink& problems) {
  std::vector<CommandSettings> commands;
  if (node.kind != YamlNode::Kind::kSequence) {
    commands.push_back(ReadOne(node, "gates.command", problems));
    return commands;
  }
  if (node.items.empty() || node.items.size() > kMaxCommands) {
    problems.Add(node, fmt::format("gate command must be a list of 1 to {}", kMaxCommands));
    return commands;
  }
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    CommandSettings command = ReadOne(node.items[i], fmt::format("gates.command[{}]", i), problems);
    const auto same = [&](const CommandSettings& each) {
      return each.gate.name == command.gate.name;
    };
    if (std::any_of(commands.begin(), commands.end(), same)) {
      problems.Add(
          node.items[i],
          fmt::format("gates.command[{}]: {}",
                      i,
                      command.gate.name.empty() ? "two commands without a name: give each one"
                                                : "the name " + command.gate.name + " is taken"));
    }
    commands.push_back(std::move(command));
  }
  return commands;
}

std::vector<CommandGate> MergeCommands(const std::vector<CommandGate>& floor,
                                       const std::vector<CommandSettings>& settings,
                                       MergeProblems& problems) {
  std::vector<CommandGate> merged = floor;
  for (const CommandSettings& command : settings) {
    const auto known = std::find_if(merged.begin(), merged.end(), [&](const CommandGate& gate) {
      return gate.name == command.gate.name;
    });
    if (known == merged.end()) {
      merged.push_back(command.gate);
      continue;
    }
    const std::string name = GateNameOf(*known);
    problems.CheckMode(name, known->mode, command.mode);
    if (CommandDigest(*known) != CommandDigest(command.gate)) {
      problems.Add(command.line,
                   command.column,
                   fmt::format("{} is another program than the floor's of environment.yaml: give "
                               "it a name of its own, it is asked beside the floor's",
                               name));
    }
    if (command.gate.every > known->every) {
      problems.AddLoosening(command.line,
                            command.column,
                            fmt::format("{}: every {}", name, FormatDuration(command.gate.every)),
                            fmt::format("every {}", FormatDuration(known->every)));
    }
    known->mode = command.gate.mode;
    known->every = command.gate.every;
  }
  return merged;
}

}  // namespace failgate
