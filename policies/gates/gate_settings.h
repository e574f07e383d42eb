// What a file says about a gate, value by value with its place, before floor and project are
// merged.
#pragma once

#include <optional>
#include <string>

#include "controller/base/yaml_reader.h"
#include "policies/decision.h"

namespace failgate {

/// A value and where it was written. line and column count from 1.
template <typename T>
struct Written {
  T value{};
  int line = 0;
  int column = 0;
};

template <typename T>
using MaybeWritten = std::optional<Written<T>>;

/// Pairs a value that a reader returned with the place of its node; absent stays absent.
template <typename T>
[[nodiscard]] MaybeWritten<T> WrittenAt(const YamlNode* node, std::optional<T> value) {
  if (node == nullptr || !value) return std::nullopt;
  return Written<T>{std::move(*value), node->line, node->column};
}

/// `mode: enforce | advise`; enforce when nothing is written, in the floor and in project files
/// alike.
struct ModeSetting {
  GateMode mode = GateMode::kEnforce;
  int line = 0;
  int column = 0;
};
[[nodiscard]] ModeSetting ReadMode(MappingReader& reader, const YamlNode& gate);

/// Problems of a merge, all in one file.
class MergeProblems {
 public:
  explicit MergeProblems(std::string file) : file_(std::move(file)) {}
  void Add(int line, int column, std::string text);
  /// "GATE: VALUE loosens the floor, which says FLOOR: a project file adds or tightens, never
  /// loosens".
  void AddLoosening(int line, int column, const std::string& what, const std::string& floor);
  /// A project may enforce what the floor advises, not the other way round.
  void CheckMode(const std::string& gate, GateMode floor, const ModeSetting& project);
  [[nodiscard]] const Problems& problems() const { return problems_; }

 private:
  std::string file_;
  Problems problems_;
};

}  // namespace failgate
