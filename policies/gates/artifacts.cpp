#include "policies/gates/artifacts.h"

#include <fmt/format.h>

#include <algorithm>

#include "controller/base/text.h"

namespace failgate {
namespace {

bool Believed(const ArtifactContents& contents) {
  long long files = 0;
  for (const FormatFinding& finding : contents.formats) {
    if (finding.files < 1 || finding.files > kMaxFactCount) return false;
    files += finding.files;
  }
  return files > 0 && files == contents.files && contents.bytes >= 0;
}

/// The bytes of a joblib dump without arrays are those of a pickle.
bool IsOf(const FormatFinding& finding, const std::string& format) {
  return finding.format == format || (format == "joblib" && finding.format == "pickle");
}

std::string Tell(const FormatFinding& finding, const std::string& says) {
  const std::string which = finding.example.empty() ? "" : OneLine(finding.example, 120) + " ";
  const std::string why =
      finding.why.empty() ? "" : fmt::format(" ({})", OneLine(finding.why, 120));
  const std::string more =
      finding.files > 1 ? fmt::format(", as {} more files are", finding.files - 1) : "";
  return fmt::format("{}{}{}{}", which, says, why, more);
}

/// The format that the artifact is said to be; the gate's word and the pipeline's may not differ.
std::string Wanted(const ArtifactsGate& gate, const ArtifactFact& artifact) {
  const auto asked = gate.formats.find(artifact.name);
  return asked != gate.formats.end() ? asked->second : artifact.declared;
}

/// nullopt: let in.
std::optional<std::string> AgainstFormat(const ArtifactsGate& gate,
                                         const FormatFinding& finding,
                                         const std::string& wanted,
                                         const ArtifactFact& artifact) {
  const std::string& format = finding.format;
  if (format == "damaged" || format == "ambiguous") return Tell(finding, "is " + format);
  const bool folder = artifact.folder;
  if (format == "empty") return folder ? std::nullopt : std::optional<std::string>("is empty");
  if (!folder && !wanted.empty() && !IsOf(finding, wanted)) {
    return Tell(finding, fmt::format("is declared {} and is {}", wanted, format));
  }
  if (gate.deny.count(format) > 0)
    return Tell(finding, fmt::format("is {}, which is denied", format));
  if (gate.deny.count(kRunsCode) > 0 && finding.safety != LoadSafety::kData) {
    const char* says = finding.safety == LoadSafety::kCode
                           ? "is {}, which runs code when it is loaded"
                           : "is {}, of which it is not known whether loading it runs code";
    return Tell(finding, fmt::format(fmt::runtime(says), format));
  }
  if (gate.allow) {
    // By the pipeline's word alone: what a project's gate says must not let in more.
    const bool as_joblib =
        format == "pickle" && artifact.declared == "joblib" && gate.allow->count("joblib") > 0;
    if (gate.allow->count(format) == 0 && !as_joblib) {
      return Tell(finding, fmt::format("is {}, which is not allowed", format));
    }
  }
  return std::nullopt;
}

std::optional<std::string> Against(const ArtifactsGate& gate, const ArtifactFact& artifact) {
  if (!artifact.contents || !Believed(*artifact.contents)) {
    return "what its bytes are was not recorded: run the pipeline again";
  }
  const auto asked = gate.formats.find(artifact.name);
  if (asked != gate.formats.end() && !artifact.declared.empty() &&
      asked->second != artifact.declared) {
    return fmt::format(
        "is declared {} by the pipeline and must be {}", artifact.declared, asked->second);
  }
  const std::string wanted = Wanted(gate, artifact);
  const auto& findings = artifact.contents->formats;
  for (const FormatFinding& finding : findings) {
    if (auto against = AgainstFormat(gate, finding, wanted, artifact)) return against;
  }
  const auto is_empty = [](const FormatFinding& finding) { return finding.format == "empty"; };
  if (std::all_of(findings.begin(), findings.end(), is_empty)) {
    return "holds nothing but empty files";
  }
  const auto is_wanted = [&](const FormatFinding& finding) { return IsOf(finding, wanted); };
  if (!wanted.empty() && std::none_of(findings.begin(), findings.end(), is_wanted)) {
    return fmt::format("is declared {} and holds no such file", OneLine(wanted, 60));
  }
  const long long bytes = std::max(artifact.size, artifact.contents->bytes);
  if (gate.max_size && bytes > *gate.max_size) {
    return fmt::format("holds {} bytes, more than {}", bytes, *gate.max_size);
  }
  return std::nullopt;
}

const ArtifactWaiver* WaiverOf(const ArtifactsGate& gate,
                               const ArtifactFact& artifact,
                               TimePoint now) {
  for (const ArtifactWaiver& waiver : gate.waivers) {
    if (waiver.artifact == artifact.name && waiver.digest == artifact.digest &&
        now < waiver.until) {
      return &waiver;
    }
  }
  return nullptr;
}

std::string Summary(const ArtifactFact& artifact) {
  std::vector<std::string> formats;
  for (const FormatFinding& finding : artifact.contents->formats) {
    if (formats.empty() || formats.back() != finding.format) formats.push_back(finding.format);
  }
  return fmt::format("{} {}", artifact.name, Join(formats, "+"));
}

}  // namespace

GateVerdict EvaluateArtifacts(const ArtifactsGate& gate, const Facts& facts) {
  GateVerdict verdict{"artifacts", gate.mode, Verdict::kFail, {}, std::nullopt};
  if (facts.artifacts.empty()) {
    verdict.reason = "the release has no artifact to judge";
    return verdict;
  }
  std::vector<const ArtifactFact*> artifacts;
  for (const ArtifactFact& artifact : facts.artifacts) artifacts.push_back(&artifact);
  // By name, so that the order of the facts does not show.
  std::stable_sort(artifacts.begin(), artifacts.end(), [](const auto* a, const auto* b) {
    return std::pair(a->name, a->digest) < std::pair(b->name, b->digest);
  });
  std::vector<std::string> bad;
  std::vector<std::string> good;
  for (const ArtifactFact* artifact : artifacts) {
    const auto against = Against(gate, *artifact);
    if (!against) {
      good.push_back(Summary(*artifact));
      continue;
    }
    const ArtifactWaiver* waiver =
        artifact->contents ? WaiverOf(gate, *artifact, facts.now) : nullptr;
    if (waiver == nullptr) {
      bad.push_back(fmt::format("{} {}", artifact->name, *against));
    } else {
      good.push_back(fmt::format("{} waived until {}: {}",
                                 artifact->name,
                                 FormatTime(waiver->until),
                                 OneLine(waiver->reason, 120)));
    }
  }
  for (const auto& [name, format] : gate.formats) {
    const auto of_name = [&, &wanted = name](const ArtifactFact* one) {
      return one->name == wanted;
    };
    if (std::none_of(artifacts.begin(), artifacts.end(), of_name)) {
      bad.push_back(fmt::format("there is no artifact {}, which must be {}", name, format));
    }
  }
  verdict.verdict = bad.empty() ? Verdict::kPass : Verdict::kFail;
  verdict.reason = OneLine(Join(bad.empty() ? good : bad, "; "));
  return verdict;
}

}  // namespace failgate
