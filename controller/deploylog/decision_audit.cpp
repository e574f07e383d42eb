#include "controller/deploylog/decision_audit.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "controller/base/digest.h"
#include "controller/base/text.h"
#include "controller/deploylog/log_state.h"
#include "policies/facts_object.h"
#include "policies/strict_json.h"
#include "policies/verdict_text.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxBytes = std::size_t{64} << 20U;
/// Facts about one decision follow one another closely.
constexpr std::size_t kKeptDecisions = 32;
constexpr std::size_t kMaxValueCharacters = 4000;  // of a trailer, see FormatFactMessage
constexpr std::size_t kKeptDigests = 4096;

void Add(std::vector<AuditFinding>& findings, std::string text) {
  findings.push_back(AuditFinding{AuditKind::kDecision, std::move(text)});
}

/// Reasons are written without secrets: where one was taken out only the verdict can be compared.
bool SameGate(const std::string& told, const std::string& line) {
  if (told.find("***") == std::string::npos) {
    return told == OneLine(line, kMaxValueCharacters);
  }
  return told.substr(0, told.find(" (")) == line.substr(0, line.find(" ("));
}

std::string EvidenceDigest(const Evidence& evidence) {
  return Sha256Hex(CanonicalJson(EvidenceToObject(evidence)));
}

/// Of a release record; empty when it cannot be read.
std::string EvidenceDigestOf(const std::string& record) {
  try {
    const nlohmann::json parsed = ParseStrictJson(record);
    const auto evidence = parsed.find("evidence");
    return evidence == parsed.end() ? "" : EvidenceDigest(EvidenceFromObject(*evidence));
  } catch (const JsonFault&) {
    return {};
  }
}

std::size_t AnswersOf(const Facts& facts) {
  const auto ended =
      std::count_if(facts.checks.begin(), facts.checks.end(), [](const CheckFact& check) {
        return check.state == CheckProgress::kPassed || check.state == CheckProgress::kFailed;
      });
  const bool analysed = facts.sonar && facts.sonar->state == SonarState::kAnalysed;
  return static_cast<std::size_t>(ended) + facts.commands.size() + (analysed ? 1 : 0);
}

void CheckGates(const WrittenFact& written,
                const DecisionRecord& record,
                std::vector<AuditFinding>& findings) {
  std::vector<std::string> told;
  for (const Trailer& trailer : written.fact.trailers) {
    if (trailer.first == "Gate") {
      told.push_back(trailer.second);
    }
  }
  const auto& verdicts = record.decision.verdicts;
  bool same = told.size() == verdicts.size();
  for (std::size_t i = 0; same && i < told.size(); ++i) {
    same = SameGate(told[i], GateLine(verdicts[i]));
  }
  if (!same) {
    Add(findings, "it tells of other verdicts than its decision");
  }
}

void CheckAgreement(const WrittenFact& written,
                    const DecisionRecord& record,
                    std::vector<AuditFinding>& findings) {
  const Fact& fact = written.fact;
  if (record.environment != fact.environment || record.project != fact.project ||
      record.release != fact.release) {
    Add(findings, "its decision is about something else");
  }
  const bool promotes = fact.kind == FactKind::kPromoted;
  const bool decides = fact.kind == FactKind::kDecided;
  if (promotes && record.decision.outcome != Outcome::kPassed) {
    Add(findings, "what it promotes did not pass by its decision");
  }
  if (decides && written.Value("Result") != Word(record.decision.outcome)) {
    Add(findings, "it tells of another outcome than its decision");
  }
  if ((promotes || decides) && FormatTime(record.time) != FormatTime(fact.at)) {
    Add(findings, "its decision was made at another time");
  }
  const auto told = written.Value("Record");
  if (told && *told != record.record) {
    Add(findings, "its decision judged another record");
  }
  CheckGates(written, record, findings);
}

}  // namespace

const DecisionAuditor::Read* DecisionAuditor::At(const CommitId& commit, const std::string& path) {
  const auto id = repository_.BlobId(commit, path);
  if (!id) {
    return nullptr;
  }
  const auto known = decisions_.find(*id);
  if (known != decisions_.end()) {
    return &known->second;
  }
  if (decisions_.size() >= kKeptDecisions) {
    decisions_.clear();
  }
  const std::string bytes = repository_.ReadBlob(*id, kMaxBytes);
  Read read;
  read.name = DecisionName(bytes);
  auto record = DecisionRecordFromJson(bytes);
  if (record) {
    read.record = std::move(*record);
  } else {
    read.problem = record.error().text;
  }
  return &(decisions_[*id] = std::move(read));
}

std::size_t DecisionAuditor::Recompute(const CommitId& commit,
                                       const std::string& path,
                                       std::vector<AuditFinding>& findings) {
  const Read* read = At(commit, path);
  if (read == nullptr || !read->record || DecisionPath(read->name) != path) {
    return 0;  // told by Check: a decision is added by the fact that names it
  }
  if (const auto refusal = VerifyDecision(*read->record)) {
    Add(findings, refusal->text);
  }
  const Digests* digests = DigestsAt(commit, read->record->project, read->record->release);
  if (digests == nullptr || digests->record != read->record->record) {
    findings.push_back(AuditFinding{
        AuditKind::kRecord,
        fmt::format("{} was judged by another record", OneLine(read->record->release.text(), 80))});
  } else if (digests->evidence != EvidenceDigest(read->record->facts.evidence)) {
    Add(findings,
        fmt::format("{} was judged by other evidence than its record holds",
                    OneLine(read->record->release.text(), 80)));
  }
  return AnswersOf(read->record->facts);
}

const DecisionRecord* DecisionAuditor::Check(const CommitId& commit,
                                             const WrittenFact& written,
                                             std::vector<AuditFinding>& findings) {
  const auto digest = written.Value("Decision");
  if (!digest) {
    const FactKind kind = written.fact.kind;
    if (kind == FactKind::kPromoted || kind == FactKind::kDeployed || kind == FactKind::kDecided) {
      findings.push_back(
          AuditFinding{kind == FactKind::kDecided ? AuditKind::kDecision : AuditKind::kOrphan,
                       fmt::format("{} without a decision", FactWord(kind))});
    }
    return nullptr;
  }
  const auto path = DecisionPath(*digest);
  const Read* read = path ? At(commit, *path) : nullptr;
  if (read == nullptr) {
    Add(findings, fmt::format("the decision {} is not in the log", OneLine(*digest, 100)));
    return nullptr;
  }
  if (read->name != *digest) {
    Add(findings, fmt::format("the decision {} has other bytes", *digest));
    return nullptr;
  }
  if (!read->record) {
    Add(findings, read->problem);
    return nullptr;
  }
  CheckAgreement(written, *read->record, findings);
  return &*read->record;
}

const DecisionAuditor::Digests* DecisionAuditor::DigestsAt(const CommitId& commit,
                                                           const ProjectName& project,
                                                           const ReleaseName& release) {
  const auto id = repository_.BlobId(commit, RecordPath(project, release));
  if (!id) {
    return nullptr;
  }
  const auto known = digests_.find(*id);
  if (known != digests_.end()) {
    return &known->second;
  }
  if (digests_.size() >= kKeptDigests) {
    digests_.clear();
  }
  const std::string bytes = repository_.ReadBlob(*id, kMaxBytes);
  return &(digests_[*id] = Digests{"sha256:" + Sha256Hex(bytes), EvidenceDigestOf(bytes)});
}

std::optional<std::string> DecisionAuditor::RecordDigest(const CommitId& commit,
                                                         const ProjectName& project,
                                                         const ReleaseName& release) {
  const Digests* digests = DigestsAt(commit, project, release);
  return digests == nullptr ? std::nullopt : std::optional<std::string>(digests->record);
}

}  // namespace failgate
