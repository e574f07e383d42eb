#include "controller/cli/commands/policy.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>

#include "controller/base/error.h"
#include "controller/base/text.h"
#include "controller/cli/exit_code.h"
#include "controller/cli/offline_clone.h"
#include "controller/cli/policy_signer.h"
#include "controller/git/openssh_key.h"
#include "controller/trust/owners_file.h"
#include "controller/trust/policy_trust.h"

namespace failgate {
namespace {

constexpr std::size_t kShortCommit = 12;
constexpr std::size_t kShownPath = 400;

std::string Short(const CommitId& commit) {
  return commit.text().substr(0, kShortCommit);
}

CommitId HeadOf(const Repository& repository) {
  const auto head = repository.Ref("HEAD");
  if (!head) {
    throw Error(Remedy::kNeedsChange, "the clone has no commit yet: commit the policy first");
  }
  return *head;
}

/// The newest commit before or at `from` whose policy.sig is of its content, whoever signed.
std::optional<CommitId> LastSigned(const Repository& repository,
                                   const CommitId& from,
                                   ProcessRunner& processes) {
  std::string last_key;
  CommitId at = from;
  for (std::size_t walked = 0; walked < PolicyTrust::kMaxWalk; ++walked) {
    std::string key = PolicyContentKey(repository, at);
    if (key != last_key && ProvePolicy(repository, at, processes).signature) {
      return at;
    }
    last_key = std::move(key);
    const auto parents = repository.ReadCommit(at).parents;
    if (parents.empty()) {
      return std::nullopt;
    }
    at = parents.front();
  }
  return std::nullopt;
}

/// Everything is a change where nothing was signed yet.
std::vector<std::string> ChangesSince(const Repository& repository,
                                      const std::optional<CommitId>& since,
                                      const PolicyListing& listing) {
  return PolicyChanges(since ? ListPolicyAt(repository, *since) : PolicyListing(), listing);
}

void PrintChanges(const std::vector<std::string>& changes,
                  const std::optional<CommitId>& since,
                  Terminal& terminal) {
  terminal.Line(since ? fmt::format("changed since {}, which was signed last: {} files",
                                    Short(*since),
                                    changes.size())
                      : std::string("nothing was signed before"));
  for (const std::string& change : changes) {
    terminal.Line("  " + OneLine(change, kShownPath));
  }
}

struct Coverage {
  CommitId head;
  PolicyListing listing;
  PolicyProof proof;
  SignatureCheck check;
};

/// nullopt after saying what is wrong with the owners file.
std::optional<Coverage> CoverageOf(const Repository& repository,
                                   const PolicyShowOptions& options,
                                   CommandContext& context) {
  const Parsed<AllowedSigners> owners = LoadOwners(options.owners);
  if (!owners) {
    context.terminal.Note(Describe(owners.error()));
    return std::nullopt;
  }
  ProcessRunner processes;
  Coverage coverage;
  coverage.head = HeadOf(repository);
  coverage.listing = ListPolicyAt(repository, coverage.head);
  coverage.proof = ProvePolicy(repository, coverage.head, processes);
  coverage.check = JudgeProof(coverage.proof, *owners, context.clock.Now());
  return coverage;
}

std::string Sentence(const Coverage& coverage) {
  return coverage.check.good()
             ? fmt::format("the policy of {} is {}", Short(coverage.head), coverage.check.text)
             : fmt::format("the policy of {} is not signed by an owner: {}: failgate policy sign",
                           Short(coverage.head),
                           coverage.check.text);
}

void PrintJson(const Coverage& coverage,
               const std::vector<std::string>& changes,
               Terminal& terminal) {
  nlohmann::ordered_json json{{"commit", coverage.head.text()},
                              {"covered", coverage.check.good()},
                              {"listing", coverage.proof.listing},
                              {"signature", coverage.proof.signature_blob},
                              {"signer", coverage.check.good() ? coverage.check.principal : ""},
                              {"key", coverage.check.fingerprint},
                              {"text", coverage.check.text},
                              {"files", nlohmann::ordered_json::array()},
                              {"changes", changes}};
  for (const TreeEntry& entry : coverage.listing.entries) {
    json["files"].push_back({{"path", entry.name}, {"blob", entry.id.text()}});
  }
  terminal.Json(json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
}

}  // namespace

int RunPolicySign(const PolicySignOptions& options, CommandContext& context) {
  Terminal& terminal = context.terminal;
  PolicySigner signer(options.clone, context.environment);
  const Repository repository = Repository::Open(GitFolderOf(signer.WorkTree()));
  const std::string dirty = signer.Uncommitted();
  if (!dirty.empty()) {
    terminal.Error("files of policy are not committed: commit them, or take them back, then sign");
    terminal.Raw(dirty);
    return kExitFailed;
  }
  const CommitId head = HeadOf(repository);
  const PolicyListing listing = ListPolicyAt(repository, head);
  if (!listing.problem.empty()) {
    terminal.Error(listing.problem);
    return kExitFailed;
  }
  ProcessRunner processes;
  const auto since = LastSigned(repository, head, processes);
  const std::string armored = signer.Sign(listing.text, options.key);
  const auto made = ParseSshSignature(armored);
  if (!made) {
    throw Error(Remedy::kNeedsChange, "ssh-keygen made no signature that can be read");
  }
  const PolicyProof before = ProvePolicy(repository, head, processes);
  const std::string key = KeyFingerprint(made->public_blob);
  terminal.Line(fmt::format(
      "policy of {}: {} files, {}", Short(head), listing.entries.size(), listing.digest));
  PrintChanges(ChangesSince(repository, since, listing), since, terminal);
  if (before.signature && before.signature->public_blob == made->public_blob) {
    terminal.Line(fmt::format("it is signed with {} already: nothing to do", key));
    return kExitDone;
  }
  signer.Commit(
      armored,
      fmt::format(
          "Sign the policy of {}\n\nListing: {}\nKey: {}\n", Short(head), listing.digest, key));
  terminal.Line(fmt::format("signed with {}: policy.sig is committed", key));
  terminal.Note("next: git push");
  return kExitDone;
}

int RunPolicyShow(const PolicyShowOptions& options, CommandContext& context) {
  const Repository repository = Repository::Open(GitFolderOf(options.clone));
  const auto coverage = CoverageOf(repository, options, context);
  if (!coverage) {
    return kExitUsage;
  }
  ProcessRunner processes;
  const auto since = LastSigned(repository, coverage->head, processes);
  const auto changes = ChangesSince(repository, since, coverage->listing);
  if (options.json) {
    PrintJson(*coverage, changes, context.terminal);
    return kExitDone;
  }
  for (const TreeEntry& entry : coverage->listing.entries) {
    context.terminal.Line(entry.id.text().substr(0, kShortCommit) + " " +
                          OneLine(entry.name, kShownPath));
  }
  if (!coverage->check.good()) {
    PrintChanges(changes, since, context.terminal);
  }
  context.terminal.Line(Sentence(*coverage));
  return kExitDone;
}

int RunPolicyVerify(const PolicyShowOptions& options, CommandContext& context) {
  const Repository repository = Repository::Open(GitFolderOf(options.clone));
  const auto coverage = CoverageOf(repository, options, context);
  if (!coverage) {
    return kExitUsage;
  }
  if (options.json) {
    ProcessRunner processes;
    const auto since = LastSigned(repository, coverage->head, processes);
    PrintJson(*coverage, ChangesSince(repository, since, coverage->listing), context.terminal);
  } else {
    context.terminal.Line(Sentence(*coverage));
  }
  return coverage->check.good() ? kExitDone : kExitFailed;
}

}  // namespace failgate
