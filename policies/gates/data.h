// Gate `data`: the data a release was made with is all there, and is what it should be.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "policies/facts.h"
#include "policies/gates/gate_settings.h"

namespace failgate {

struct DataGate {
  GateMode mode = GateMode::kEnforce;
  bool present = true;                 ///< every object the revision names was brought and matched
  std::optional<long long> rows = {};  ///< at least
  std::optional<double> nulls = {};    ///< at most, of each column; a part of 1
  std::map<std::string, double> nulls_of = {};      ///< at most, beside `nulls`
  std::map<std::string, std::string> columns = {};  ///< name -> type; empty type = any
  bool same_as_champion = false;  ///< columns and types are those of what runs there
  bool operator==(const DataGate&) const = default;
};

struct DataSettings {
  ModeSetting mode;
  MaybeWritten<bool> present = {};
  MaybeWritten<long long> rows = {};
  MaybeWritten<double> nulls = {};
  std::map<std::string, Written<double>> nulls_of = {};
  std::map<std::string, Written<std::string>> columns = {};
  MaybeWritten<bool> same_as_champion = {};
  int line = 0;
  int column = 0;
};

[[nodiscard]] DataSettings ReadDataSettings(const YamlNode& node, ProblemSink& problems);
/// `floor` nullptr: the gate is new.
[[nodiscard]] DataGate MergeData(const DataGate* floor,
                                 const DataSettings& settings,
                                 MergeProblems& problems);
/// What was not recorded or reported does not pass.
[[nodiscard]] GateVerdict EvaluateData(const DataGate& gate, const Facts& facts);

}  // namespace failgate
