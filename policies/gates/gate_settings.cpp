#include "policies/gates/gate_settings.h"

#include <fmt/format.h>

namespace failgate {

ModeSetting ReadMode(MappingReader& reader, const YamlNode& gate) {
  ModeSetting setting{GateMode::kEnforce, gate.line, gate.column};
  if (const YamlNode* node = gate.Find("mode"); node != nullptr) {
    setting.line = node->line;
    setting.column = node->column;
  }
  const std::optional<std::string> word = reader.OneOf("mode", {"enforce", "advise"});
  if (word) setting.mode = ParseGateMode(*word).value_or(GateMode::kEnforce);
  return setting;
}

void MergeProblems::Add(int line, int column, std::string text) {
  problems_.push_back(Problem{file_, line, column, std::move(text)});
}

void MergeProblems::AddLoosening(int line,
                                 int column,
                                 const std::string& what,
                                 const std::string& floor) {
  Add(line,
      column,
      fmt::format("{} is looser than the floor of environment.yaml, which says {}: a project file "
                  "adds or tightens, never loosens",
                  what,
                  floor));
}

void MergeProblems::CheckMode(const std::string& gate, GateMode floor, const ModeSetting& project) {
  if (floor == GateMode::kEnforce && project.mode == GateMode::kAdvise) {
    AddLoosening(project.line, project.column, gate + ": mode advise", "mode enforce");
  }
}

}  // namespace failgate
