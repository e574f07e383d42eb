#include "controller/deploylog/policy_audit.h"

#include <fmt/format.h>

#include "controller/base/text.h"
#include "controller/deploylog/log_tree.h"
#include "controller/deploylog/policy_facts.h"
#include "policies/decision_json.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxDecisionBytes = std::size_t{64} << 20U;
constexpr std::size_t kShownBytes = 200;

AuditKind KindOf(SignatureVerdict verdict) {
  switch (verdict) {
    case SignatureVerdict::kUnsigned:
    case SignatureVerdict::kBadSignature:
      return AuditKind::kUnsigned;
    case SignatureVerdict::kForeignKey:
    case SignatureVerdict::kNotValidThen:
    case SignatureVerdict::kWrongNamespace:
    case SignatureVerdict::kGood:
      return AuditKind::kForeignKey;
  }
  return AuditKind::kForeignKey;
}

}  // namespace

std::vector<AuditFinding> PolicyAudit::Enter(const PolicyInForce& policy) {
  covered_.reset();
  const std::string commit = OneLine(policy.commit.text(), kShownBytes);
  if (!IsObjectId(policy.commit.text()) || !repository_.HasCommit(policy.commit)) {
    return {{AuditKind::kOrphan,
             fmt::format("the policy of {} is not in this clone: fetch main", commit)}};
  }
  const PolicyProof proof = ProvePolicy(repository_, policy.commit, processes_);
  const SignatureCheck check = JudgeProof(proof, owners_, policy.since);
  if (!check.good()) {
    return {{KindOf(check.verdict),
             fmt::format("no owner signed the policy of {}: {}", commit, check.text)}};
  }
  if (proof.listing != policy.listing || proof.signature_blob != policy.signature ||
      check.principal != policy.signer || check.fingerprint != policy.key) {
    return {{AuditKind::kRewritten,
             fmt::format("the policy of {} is another one than the fact names", commit)}};
  }
  Files files;
  for (const TreeEntry& entry : ListPolicyAt(repository_, policy.commit).entries) {
    files.emplace(entry.name, entry.id.text());
  }
  covered_ = std::move(files);
  return {};
}

std::vector<AuditFinding> PolicyAudit::CheckDecision(const CommitId& commit,
                                                     const WrittenFact& written) const {
  const auto path = DecisionPath(written.Value("Decision").value_or(""));
  const auto bytes = path ? repository_.ReadFile(commit, *path, kMaxDecisionBytes) : std::nullopt;
  const auto record = bytes ? DecisionRecordFromJson(*bytes) : Result<DecisionRecord>(Refusal{});
  if (!record) {
    return {};  // the audit of the commit itself tells of it
  }
  if (!covered_) {
    return {{AuditKind::kDecision, "it was decided while no policy was signed by an owner"}};
  }
  const std::string folder = fmt::format("environments/{}/", record->environment.text());
  if (record->policy.empty()) {
    return {{AuditKind::kDecision, "it was decided by no file of policy at all"}};
  }
  for (const PolicyFile& file : record->policy) {
    if (file.path.compare(0, folder.size(), folder) != 0) {
      return {{AuditKind::kDecision,
               fmt::format("it was decided by {}, which is not of that environment",
                           OneLine(file.path, kShownBytes))}};
    }
    // The blob's name is what the owner signed; the bytes judged by must be that blob's.
    const std::string blob = Repository::HashBlob(file.text).text();
    if (covered_->count({file.path, blob}) == 0) {
      return {{AuditKind::kDecision,
               fmt::format("it was decided by {}, which is not of the policy that an owner signed",
                           OneLine(file.path, kShownBytes))}};
    }
  }
  return {};
}

void PolicyAudit::TakeAsGiven(const CommitId& since) {
  const auto controller = LogTree(repository_, since).Controller();
  if (controller && controller->policy) {
    static_cast<void>(Enter(*controller->policy));
  }
}

std::vector<AuditFinding> PolicyAudit::Continue(const CommitId& commit,
                                                const WrittenFact& written) {
  switch (written.fact.kind) {
    case FactKind::kPolicyChanged: {
      const auto policy = PolicyOfFact(written);
      if (!policy) {
        covered_.reset();
        return {};
      }
      return Enter(*policy);
    }
    case FactKind::kDecided:
    case FactKind::kPromoted:
      return CheckDecision(commit, written);
    case FactKind::kStarted:
    case FactKind::kReleased:
    case FactKind::kApproved:
    case FactKind::kRejected:
    case FactKind::kWithdrawn:
    case FactKind::kOverridden:
    case FactKind::kDeployed:
    case FactKind::kFailed:
    case FactKind::kRolledBack:
    case FactKind::kRemovalOrdered:
    case FactKind::kRemoved:
    case FactKind::kDrifted:
    case FactKind::kHealed:
    case FactKind::kHeld:
    case FactKind::kResumed:
    case FactKind::kSuperseded:
    case FactKind::kRefused:
    case FactKind::kHistoryAccepted:
    case FactKind::kKeyRotated:
    case FactKind::kTokenChanged:
      return {};
  }
  return {};
}

}  // namespace failgate
