#include "controller/promotion/fact_trailers.h"

#include <fmt/format.h>

#include "controller/deploylog/unknown_author.h"
#include "policies/verdict_text.h"

namespace failgate {
namespace {

std::string ArtifactLine(const ArtifactRecord& artifact) {
  std::string notes = artifact.format;
  if (!artifact.origin_release.empty()) {
    notes += fmt::format("{}{} {}",
                         notes.empty() ? "" : ", ",
                         artifact.trained.empty() ? "from" : "trained",
                         artifact.origin_release.text());
  }
  return fmt::format("{}=sha256:{}{}",
                     artifact.name,
                     artifact.sha256,
                     notes.empty() ? "" : fmt::format(" ({})", notes));
}

void AddUnlessEmpty(Fact& fact, const char* key, const std::string& value) {
  if (!value.empty()) {
    fact.Add(key, value);
  }
}

}  // namespace

void AddReleaseTrailers(Fact& fact, const ReleaseRecord& record) {
  fact.Add("Record", ReleaseRecordDigest(record));
  fact.Add("Source", fmt::format("{}@{}", record.source_url, record.revision.text()));
  AddUnlessEmpty(fact, "Data", record.data);
  for (const ArtifactRecord& artifact : record.artifacts) {
    fact.Add("Artifact", ArtifactLine(artifact));
  }
  for (const Person& author : record.authors) {
    fact.Add("Authored-by", TrailerPerson(author));
  }
  if (!record.watched.empty()) {
    fact.Add("Authored-by", kUnknownAuthor);
  }
  AddUnlessEmpty(fact, "Delivery", record.delivery);
  fact.Add("Run", record.run.text());
}

void AddEvidenceTrailers(Fact& fact, const ReleaseRecord& record) {
  for (const auto& level : record.evidence.tests) {
    const TestCounts& counts = level.second;
    fact.Add("Tests",
             fmt::format("{} {} passed, {} failed, {} errors, {} skipped",
                         level.first,
                         counts.passed,
                         counts.failed,
                         counts.errors,
                         counts.skipped));
  }
  if (record.evidence.coverage) {
    const CoverageFigures& coverage = *record.evidence.coverage;
    fact.Add("Coverage",
             fmt::format("lines {}/{}, branches {}/{}",
                         coverage.lines_covered,
                         coverage.lines_total,
                         coverage.branches_covered,
                         coverage.branches_total));
  }
}

std::string TrailerPerson(const Person& person) {
  if (!person.name.empty()) {
    return FormatPerson(person);
  }
  return FormatPerson(Person{person.email.substr(0, person.email.find('@')), person.email});
}

void AddDecisionTrailers(Fact& fact,
                         const DecisionRecord& record,
                         const std::string& digest,
                         const std::optional<Wish>& wish) {
  fact.Add("Record", record.record);
  const auto policy = PolicyOf(record.policy, record.environment, record.project);
  std::string line = policy ? Word(policy->last_step) : std::string("unreadable");
  for (const PolicyFile& file : record.policy) {
    line += fmt::format(" {}@{}", file.path, file.blob.text());
  }
  fact.Add("Policy", line);
  fact.Add("Decision", digest);
  for (const GateVerdict& verdict : record.decision.verdicts) {
    fact.Add("Gate", GateLine(verdict));
  }
  if (record.facts.requester) {
    fact.Add("Requested-by", TrailerPerson(*record.facts.requester));
  }
  for (const ApprovalFact& approval : record.facts.approvals) {
    fact.Add(approval.rejects ? "Rejected-by" : "Approved-by", TrailerPerson(approval.person));
  }
  fact.Add("Via", record.facts.requested_via);
  if (wish) {
    fact.Add("Wanted", wish->commit.text());
    AddUnlessEmpty(fact, "Signed-with", wish->signed_with);
    AddUnlessEmpty(fact, "Reason", wish->reason);
  }
}

}  // namespace failgate
