#include "controller/cli/commands/audit.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "controller/base/durable_file.h"
#include "controller/base/text.h"
#include "controller/cli/exit_code.h"
#include "controller/cli/offline_clone.h"
#include "controller/cli/table.h"
#include "controller/deploylog/audit.h"
#include "controller/git/ssh_keygen.h"
#include "controller/promotion/approval_audit.h"
#include "controller/promotion/check_audit.h"
#include "controller/promotion/people.h"
#include "controller/promotion/promotion_snapshot.h"
#include "controller/promotion/request_audit.h"
#include "controller/trust/owners_file.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxSignersBytes = std::size_t{1} << 20U;
constexpr std::size_t kShortId = 12;
constexpr const char* kSignersFile = "allowed_signers";
constexpr std::size_t kTenths = 10;

/// nullopt after saying why there are none; `exit_code` says how bad that is.
std::optional<AllowedSigners> ReadSigners(const AuditOptions& options,
                                          const Repository& repository,
                                          CommandContext& context,
                                          int& exit_code) {
  std::string text;
  std::string name = kSignersFile;
  if (options.allowed_signers) {
    name = options.allowed_signers->string();
    text = ReadFile(*options.allowed_signers, kMaxSignersBytes);
  } else {
    const auto main = BranchOfClone(repository, "main");
    const auto file =
        main ? repository.ReadFile(*main, kSignersFile, kMaxSignersBytes) : std::nullopt;
    if (!file) {
      context.terminal.Error(
          "main has no file allowed_signers: name the controller's keys with --allowed-signers "
          "FILE "
          "(failgate key show prints them)");
      exit_code = kExitFailed;
      return std::nullopt;
    }
    text = *file;
  }
  Parsed<AllowedSigners> signers = AllowedSigners::Parse(text, name);
  if (!signers) {
    context.terminal.Note(Describe(signers.error()));
    exit_code = kExitUsage;
    return std::nullopt;
  }
  return std::move(signers).value();
}

/// People's keys, which never sign the log. A file that cannot be read protects from nothing: that
/// is said.
std::optional<AllowedSigners> ReadPeople(const Repository& repository, Terminal& terminal) {
  const auto main = BranchOfClone(repository, "main");
  const auto file = main ? repository.ReadFile(*main, kPeopleFile, kMaxSignersBytes) : std::nullopt;
  Parsed<AllowedSigners> people = AllowedSigners::Parse(file.value_or(""), kPeopleFile);
  if (!people) {
    terminal.Note(Describe(people.error()));
    return std::nullopt;
  }
  return std::move(people).value();
}

/// A line that is written over while somebody watches; in a pipe a line each tenth.
std::function<void(std::size_t, std::size_t)> Progress(Terminal& terminal) {
  return [&terminal, told = std::size_t{0}](std::size_t done, std::size_t total) mutable {
    const std::size_t tenth = done * kTenths / total;
    if (terminal.traits().interactive) {
      terminal.Progress(done == total ? "" : fmt::format("{} of {} commits", done, total));
    } else if (tenth != told && done != total) {
      told = tenth;
      terminal.Progress(fmt::format("{} of {} commits", done, total));
    }
  };
}

/// Branches that must be proven: the remote's, and the clone's own where it is not part of it.
std::vector<CommitId> HeadsOf(const Repository& repository) {
  std::vector<CommitId> heads;
  const auto remote = repository.Ref("refs/remotes/origin/deploy-log");
  const auto own = repository.Ref(kDeployLogRef);
  if (remote) {
    heads.push_back(*remote);
  }
  if (own && (!remote || !repository.IsAncestor(*own, *remote))) {
    heads.push_back(*own);
  }
  return heads;
}

std::optional<CommitId> CommitOrNone(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional<CommitId>(text);
}

void Merge(AuditReport& into, AuditReport from) {
  into.commits = std::max(into.commits, from.commits);
  into.attested = std::max(into.attested, from.attested);
  for (AuditProblem& problem : from.problems) {
    const bool known =
        std::any_of(into.problems.begin(), into.problems.end(), [&](const AuditProblem& one) {
          return one.commit == problem.commit && one.kind == problem.kind &&
                 one.text == problem.text;
        });
    if (!known) {
      into.problems.push_back(std::move(problem));
    }
  }
}

void Print(const AuditReport& report, Terminal& terminal) {
  Table table({"COMMIT", "KIND", "PROBLEM"});
  for (const AuditProblem& problem : report.problems) {
    table.Add({problem.commit.text().substr(0, kShortId),
               {Word(problem.kind), Colour::kBad},
               problem.text});
  }
  if (!table.empty()) {
    table.Print(terminal);
  }
  terminal.Line(report.ok()
                    ? fmt::format("{}: {} commits, every one signed, in order and unchanged; {} "
                                  "answers attested",
                                  terminal.Paint(Colour::kGood, "ok"),
                                  report.commits,
                                  report.attested)
                    : fmt::format("{}: {} problems in {} commits",
                                  terminal.Paint(Colour::kBad, "not proven"),
                                  report.problems.size(),
                                  report.commits));
}

}  // namespace

int RunAudit(const AuditOptions& options, CommandContext& context) {
  for (const auto& [name, commit] :
       {std::pair{"--expect", options.expect}, std::pair{"--since", options.since}}) {
    if (!commit.empty() && !IsObjectId(commit)) {
      context.terminal.Error(fmt::format("{} takes a whole commit id of 40 hex digits", name));
      return kExitUsage;
    }
  }
  const Repository repository = Repository::Open(GitFolderOf(options.clone));
  const std::vector<CommitId> heads = HeadsOf(repository);
  if (heads.empty()) {
    context.terminal.Error(
        fmt::format("{} has no branch deploy-log: git fetch origin, or name a clone of the "
                    "operations repository",
                    options.clone.string()));
    return kExitFailed;
  }
  int exit_code = kExitFailed;
  auto signers = ReadSigners(options, repository, context, exit_code);
  if (!signers) {
    return exit_code;
  }
  auto people = ReadPeople(repository, context.terminal);
  if (!people) {
    return kExitUsage;
  }
  AuditScope scope;
  scope.controllers = std::move(*signers);
  scope.people = std::move(*people);
  scope.expect = CommitOrNone(options.expect);
  scope.since = CommitOrNone(options.since);
  if (options.owners) {
    Parsed<AllowedSigners> owners = LoadOwners(*options.owners);
    if (!owners) {
      context.terminal.Note(Describe(owners.error()));
      return kExitUsage;
    }
    scope.owners = std::move(*owners);
  }
  scope.progress = Progress(context.terminal);
  ProcessRunner processes;
  SshKeygen prover(processes);
  const auto verify = [&](const CommitId& head) {
    AuditReport report = VerifyLog(repository, head, scope);
    const auto main = BranchOfClone(repository, "main");
    AuditApprovals(repository, head, main, scope.since, prover, report);
    AuditCheckFiles(repository, head, main, scope.since, report);
    AuditRequests(repository, head, main, scope.since, prover, report);
    return report;
  };
  AuditReport report = verify(heads.front());
  for (std::size_t i = 1; i < heads.size(); ++i) {
    Merge(report, verify(heads[i]));
  }
  if (options.json) {
    context.terminal.Json(WriteJson(report));
  } else {
    Print(report, context.terminal);
  }
  return report.ok() ? kExitDone : kExitFailed;
}

}  // namespace failgate
