#include "controller/promotion/request_audit.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <utility>

#include "controller/base/text.h"
#include "controller/deploylog/log_history.h"
#include "controller/deploylog/log_tree.h"
#include "controller/deploylog/people_facts.h"
#include "controller/promotion/people.h"
#include "controller/promotion/person_signatures.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxFileBytes = std::size_t{1} << 20U;

class RequestAudit {
 public:
  RequestAudit(const Repository& repository,
               const std::optional<CommitId>& main,
               SignatureProver& prover)
      : repository_(repository), main_(main), signatures_(&prover) {}

  struct Proof {
    bool attested = false;  ///< the clone lacks what would prove it
    std::optional<AuditFinding> finding = {};
  };

  Proof OfRequest(const WrittenFact& written) {
    const CommitId wanted(written.Value("Wanted").value_or(""));
    const auto person = ParsePerson(written.Value("Requested-by").value_or(""));
    if (!IsObjectId(wanted.text()) || !person) {
      return Found(AuditKind::kRewritten, "it does not name the signed commit and who asked");
    }
    if (!main_ || !repository_.HasCommit(wanted)) {
      return Proof{true};
    }
    const CommitSigner& signer = SignerOf(wanted);
    if (signer.person.empty()) {
      return Found(AuditKind::kForeignKey,
                   fmt::format("the commit {} is nobody's: {}",
                               wanted.text(),
                               signer.why_not.empty() ? "it is not signed" : signer.why_not));
    }
    if (!SamePerson(signer.person.email, person->email) ||
        signer.signed_with != written.Value("Signed-with")) {
      return Found(AuditKind::kForeignKey,
                   fmt::format("the commit {} is signed by {} with {}",
                               wanted.text(),
                               FormatPerson(signer.person),
                               signer.signed_with));
    }
    if (!IsOfMain(wanted)) {
      return Found(AuditKind::kOrphan, fmt::format("main never had {}", wanted.text()));
    }
    return {};
  }

  Proof OfKeys(const CommitId& fact, const WrittenFact& written) const {
    const CommitId commit(written.Value("Commit").value_or(""));
    if (!IsObjectId(commit.text())) {
      return Found(AuditKind::kRewritten,
                   "it does not name the commit of main that lists the keys");
    }
    if (!main_ || !repository_.HasCommit(commit)) {
      return Proof{true};
    }
    if (!IsOfMain(commit)) {
      return Found(AuditKind::kOrphan, fmt::format("main never had {}", commit.text()));
    }
    const auto blob = repository_.BlobId(commit, kPeopleFile);
    const std::string listed =
        blob ? fmt::format("{}@{}", kPeopleFile, blob->text()) : std::string("none");
    const AllowedSigners signers =
        blob ? ReadPeople(repository_.ReadBlob(*blob, kMaxFileBytes), *blob).signers
             : AllowedSigners();
    if (written.Value("Listed") != listed ||
        LogTree(repository_, fact).People().keys != KeyLines(signers)) {
      return Found(AuditKind::kForeignKey,
                   fmt::format("{} of {} lists other keys", kPeopleFile, commit.text()));
    }
    return {};
  }

 private:
  static Proof Found(AuditKind kind, std::string text) {
    return Proof{false, AuditFinding{kind, OneLine(text)}};
  }

  [[nodiscard]] bool IsOfMain(const CommitId& commit) const {
    return commit == *main_ || repository_.IsAncestor(commit, *main_);
  }

  /// By the people_signers before the commit, whatever main lists today: a key that was taken out
  /// since was good then.
  const CommitSigner& SignerOf(const CommitId& wanted) {
    const auto known = signers_.find(wanted);
    if (known != signers_.end()) {
      return known->second;
    }
    const CommitInfo commit = repository_.ReadCommit(wanted);
    CommitSigner signer;
    if (!commit.parents.empty()) {
      signer = signatures_.SignerOf(repository_, commit, commit.parents.front(), std::nullopt);
    }
    return signers_.emplace(wanted, std::move(signer)).first->second;
  }

  const Repository& repository_;
  const std::optional<CommitId>& main_;
  PersonSignatures signatures_;
  std::map<CommitId, CommitSigner> signers_;
};

bool AsksForKeys(const WrittenFact& written) {
  return written.fact.kind == FactKind::kTokenChanged && written.Value("Key").has_value();
}

bool AsksForRequest(const WrittenFact& written) {
  return written.Value("Signed-with").has_value() && !written.Value("File").has_value();
}

}  // namespace

void AuditRequests(const Repository& repository,
                   const CommitId& head,
                   const std::optional<CommitId>& main,
                   const std::optional<CommitId>& since,
                   SignatureProver& prover,
                   AuditReport& report) {
  RequestAudit audit(repository, main, prover);
  LogFilter filter;
  filter.down_to = since;
  filter.limit = std::numeric_limits<std::size_t>::max();
  for (const LogEntry& entry : ReadHistory(repository, head, filter)) {
    const bool keys = AsksForKeys(entry.written);
    if (!keys && !AsksForRequest(entry.written)) {
      continue;
    }
    RequestAudit::Proof proof =
        keys ? audit.OfKeys(entry.commit, entry.written) : audit.OfRequest(entry.written);
    report.attested += proof.attested ? 1 : 0;
    if (proof.finding) {
      report.problems.push_back(
          AuditProblem{entry.commit, proof.finding->kind, std::move(proof.finding->text)});
    }
  }
}

}  // namespace failgate
