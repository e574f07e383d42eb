#include "controller/promotion/approval_audit.h"

#include <fmt/format.h>

#include <limits>

#include "controller/base/error.h"
#include "controller/base/text.h"
#include "controller/deploylog/log_history.h"
#include "controller/promotion/approval_file.h"
#include "controller/promotion/operations_paths.h"
#include "controller/promotion/people.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxFileBytes = std::size_t{1} << 20U;

struct Audit {
  const Repository& repository;
  const std::optional<CommitId>& main;
  SignatureProver& prover;
  AuditReport& report;
};

/// "PATH@BLOB", the last part of a text.
struct Named {
  std::string path;
  ObjectId blob;
};
std::optional<Named> ReadNamed(const std::string& text) {
  const std::string last = text.substr(text.rfind(' ') + 1);  // npos + 1 is the begin
  const std::size_t at = last.rfind('@');
  if (at == std::string::npos || !IsObjectId(last.substr(at + 1))) {
    return std::nullopt;
  }
  return Named{last.substr(0, at), ObjectId(last.substr(at + 1))};
}

/// nullopt: the clone does not have it, as one without all of main's history.
std::optional<std::string> Bytes(const Repository& repository, const ObjectId& blob) {
  try {
    return repository.ReadBlob(blob, kMaxFileBytes);
  } catch (const Error&) {
    return std::nullopt;
  }
}

/// One fact; nullopt: well, or attested.
std::optional<AuditFinding> Look(const Audit& audit, const WrittenFact& written) {
  const auto finding = [](AuditKind kind, std::string text) {
    return AuditFinding{kind, std::move(text)};
  };
  const bool rejects = written.fact.kind == FactKind::kRejected;
  const auto file = ReadNamed(written.Value("File").value_or(""));
  const auto people = ReadNamed(written.Value("Signed-with").value_or(""));
  const std::string signature = written.Value("Signature").value_or("");
  const auto person =
      ParsePerson(written.Value(rejects ? "Rejected-by" : "Approved-by").value_or(""));
  const CommitId wanted(written.Value("Wanted").value_or(""));
  if (!file || !people || !IsObjectId(signature) || !person || !IsObjectId(wanted.text())) {
    return finding(AuditKind::kRewritten, "it does not name file, signature, key and commit");
  }
  const OperationsPath path = ClassifyPath(file->path);
  const bool about = path.kind == OperationsPathKind::kApproval &&
                     path.environment == written.fact.environment &&
                     path.release == written.fact.release &&
                     SamePerson(path.email, person->email) && people->path == kPeopleFile;
  if (!about) {
    return finding(AuditKind::kRewritten,
                   "it names a file of another person, release or environment");
  }
  const Repository& repository = audit.repository;
  const auto text = Bytes(repository, file->blob);
  const auto armored = Bytes(repository, ObjectId(signature));
  const auto listed = Bytes(repository, people->blob);
  if (!text || !armored || !listed || !repository.HasCommit(wanted)) {
    ++audit.report.attested;
    return std::nullopt;
  }
  const CommitInfo brought = repository.ReadCommit(wanted);
  const bool of_main = audit.main && repository.IsAncestor(wanted, *audit.main) &&
                       repository.BlobId(wanted, file->path) == file->blob &&
                       repository.BlobId(wanted, file->path + std::string(kSignatureEnding)) ==
                           ObjectId(signature) &&
                       !brought.parents.empty() &&
                       repository.BlobId(brought.parents.front(), kPeopleFile) == people->blob;
  if (!of_main) {
    return finding(AuditKind::kRewritten, "main never had this file, or these keys before it");
  }
  const ApprovalFile approval = ReadApprovalFile(path.environment, path.release, path.email, *text);
  if (!approval.problems.empty() || approval.rejects != rejects) {
    return finding(AuditKind::kRewritten, "the file says something else");
  }
  if (approval.record != written.Value("Record")) {
    return finding(AuditKind::kRecord, "the file is about another record");
  }
  const SignatureCheck check = VerifySignature(armored,
                                               *text,
                                               kApprovalNamespace,
                                               ReadPeople(*listed, people->blob).signers,
                                               written.fact.at,
                                               &audit.prover);
  if (!check.good() || !SamePerson(check.principal, person->email)) {
    return finding(AuditKind::kForeignKey,
                   fmt::format("the file is not signed by {}: {}", person->email, check.text));
  }
  return std::nullopt;
}

}  // namespace

void AuditApprovals(const Repository& repository,
                    const CommitId& head,
                    const std::optional<CommitId>& main,
                    const std::optional<CommitId>& since,
                    SignatureProver& prover,
                    AuditReport& report) {
  const Audit audit{repository, main, prover, report};
  for (const FactKind kind : {FactKind::kApproved, FactKind::kRejected}) {
    LogFilter filter;
    filter.kind = kind;
    filter.down_to = since;
    filter.limit = std::numeric_limits<std::size_t>::max();
    for (const LogEntry& entry : ReadHistory(repository, head, filter)) {
      if (!entry.written.Value("File")) {
        continue;
      }
      if (auto wrong = Look(audit, entry.written)) {
        report.problems.push_back(AuditProblem{entry.commit, wrong->kind, std::move(wrong->text)});
      }
    }
  }
}

}  // namespace failgate
