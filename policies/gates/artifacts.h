// Gate `artifacts`: the bytes of every artifact are of a format that is let in, as declared, and
// not too large.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "policies/facts.h"
#include "policies/gates/gate_settings.h"

namespace failgate {

/// Lets one artifact pass whatever it is, as long as its bytes are these.
struct ArtifactWaiver {
  std::string artifact;
  std::string digest;  ///< "sha256:…"
  TimePoint until{};   ///< excluded: the first moment of the day, UTC
  std::string reason;
  bool operator==(const ArtifactWaiver&) const = default;
};

/// The word of `deny` that stands for every format that runs code when it is loaded, and for those
/// of which that is not known.
inline constexpr const char* kRunsCode = "runs-code";

struct ArtifactsGate {
  GateMode mode = GateMode::kEnforce;
  std::map<std::string, std::string> formats = {};  ///< by artifact
  std::optional<std::set<std::string>> allow = {};  ///< nullopt: any that is recognised
  std::set<std::string> deny = {};                  ///< formats, kRunsCode
  std::optional<long long> max_size = {};           ///< bytes of one artifact
  std::vector<ArtifactWaiver> waivers = {};
  bool operator==(const ArtifactsGate&) const = default;
};

struct ArtifactsSettings {
  ModeSetting mode;
  std::map<std::string, Written<std::string>> formats = {};
  MaybeWritten<std::vector<std::string>> allow = {};
  MaybeWritten<std::vector<std::string>> deny = {};
  MaybeWritten<long long> max_size = {};
  MaybeWritten<std::vector<ArtifactWaiver>> waivers = {};
};

[[nodiscard]] ArtifactsSettings ReadArtifactsSettings(const YamlNode& node, ProblemSink& problems);
/// `floor` nullptr: the gate is new.
[[nodiscard]] ArtifactsGate MergeArtifacts(const ArtifactsGate* floor,
                                           const ArtifactsSettings& settings,
                                           MergeProblems& problems);
/// What was not recorded, damaged or ambiguous does not pass.
[[nodiscard]] GateVerdict EvaluateArtifacts(const ArtifactsGate& gate, const Facts& facts);

}  // namespace failgate
