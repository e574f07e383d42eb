#include "controller/promotion/approvals_on_main.h"

#include <fmt/format.h>

#include <algorithm>

#include "controller/base/secret.h"
#include "controller/base/text.h"
#include "controller/promotion/orders.h"

namespace failgate {
namespace {

/// As a fact's trailer holds it.
constexpr std::size_t kMaxReason = 4000;

std::string ToldReason(const std::string& reason) {
  return OneLine(Redact(reason), kMaxReason);
}

struct Look {
  const Situation& situation;
  const EnvironmentProject& pair;
  const EnvironmentState& state;
  WishFinder& wishes;
};

bool Lists(const std::vector<std::string>& people, const std::string& email) {
  return std::any_of(people.begin(), people.end(), [&](const std::string& person) {
    return SamePerson(person, email);
  });
}

/// What is wrong with the file whoever signed it; empty: nothing.
std::string WhyNot(const Look& look, const ApprovalFile& file) {
  if (!file.problems.empty()) {
    return Describe(file.problems.front());
  }
  const auto record = look.situation.Record(file.release);
  if (!record) {
    return "there is no release " + file.release.text();
  }
  if (ReleaseRecordDigest(*record) != file.record) {
    return fmt::format("it is about another record than {} has ({})",
                       file.release.text(),
                       ReleaseRecordDigest(*record));
  }
  if (file.expires && *file.expires <= look.situation.now) {
    return "its time was over at " + FormatTime(*file.expires);
  }
  const auto gate = look.situation.PolicyOf(look.pair).approvals;
  if (!gate) {
    return look.pair.first.text() + " asks no approvals";
  }
  if (!Lists(file.rejects ? gate->may_reject : gate->from, file.email)) {
    return fmt::format("{} is not among the approvers of {}", file.email, look.pair.first.text());
  }
  return {};
}

const StandingApproval* StandingOf(const EnvironmentState& state, const std::string& path) {
  for (const StandingApproval& approval : state.approvals) {
    if (approval.file == path) {
      return &approval;
    }
  }
  return nullptr;
}

/// The person said no with a token and did not take it back.
bool IsVetoedByToken(const EnvironmentState& state, const ApprovalFile& file) {
  return std::any_of(state.approvals.begin(), state.approvals.end(), [&](const auto& given) {
    return given.rejects && given.file.empty() && given.release == file.release &&
           SamePerson(given.person.email, file.email);
  });
}

/// The same version is known: it may have lost its key since.
std::optional<ApprovalChange> LookAtKnown(const Look& look,
                                          const ApprovalFile& file,
                                          const ToldApproval& told) {
  const StandingApproval* standing = StandingOf(look.state, file.path);
  if (!told.refused.empty() || standing == nullptr) {
    return std::nullopt;
  }
  const Situation& situation = look.situation;
  if (look.wishes.StillSigns(situation.operations, situation.main, file, standing->at)) {
    return std::nullopt;
  }
  ApprovalChange change;
  change.kind = ApprovalChange::Kind::kWithdrawn;
  change.path = file.path;
  change.release = file.release;
  change.told = told;
  change.told.refused =
      ToldReason(fmt::format("{} does not list the key of {} any more", kPeopleFile, file.email));
  change.approval = *standing;
  return change;
}

ApprovalChange Counted(const Look& look, const ApprovalFile& file, const CommitSigner& signer) {
  ApprovalChange change;
  change.kind = ApprovalChange::Kind::kCounted;
  StandingApproval& approval = change.approval;
  approval.release = file.release;
  approval.person = signer.person;
  approval.rejects = file.rejects;
  approval.record = file.record;
  approval.spec = SpecDigest(look.situation.DeploymentOf(look.pair));
  approval.at = look.situation.now;
  approval.expires = file.rejects ? std::nullopt : file.expires;
  const auto gate = look.situation.PolicyOf(look.pair).approvals;
  if (approval.expires && gate && gate->expires) {
    approval.expires = std::min(*approval.expires, approval.at + *gate->expires);
  }
  approval.file = file.path;
  change.signed_with = signer.signed_with;
  change.text = file.text;
  return change;
}

std::optional<ApprovalChange> LookAtNew(const Look& look, const ApprovalFile& file) {
  const Situation& situation = look.situation;
  std::string why = WhyNot(look, file);
  WishFinder::FileSigner found;
  if (why.empty()) {
    found = look.wishes.FindSigner(situation.operations, situation.main, file, situation.now);
    const CommitSigner& signer = found.signer;
    if (signer.person.empty()) {
      why = signer.why_not;
    } else if (!SamePerson(signer.person.email, file.email)) {
      why = fmt::format("it is signed by {} and named after {}", signer.person.email, file.email);
    }
  }
  ApprovalChange change;
  if (why.empty()) {
    if (!file.rejects && IsVetoedByToken(look.state, file)) {
      return std::nullopt;
    }
    change = Counted(look, file, found.signer);
  } else if (const StandingApproval* standing = StandingOf(look.state, file.path)) {
    change.kind = ApprovalChange::Kind::kWithdrawn;  // the version before counted
    change.approval = *standing;
  }
  change.path = file.path;
  change.release = file.release;
  change.told = ToldApproval{file.blob.text(), file.signature.text(), ToldReason(why)};
  change.wanted = found.commit.empty() ? situation.main : found.commit;
  return change;
}

/// So many files of newer releases are known that this one was forgotten, or would be at once: it
/// is as good as used up.
bool IsForgotten(const EnvironmentState& state, const ApprovalFile& file) {
  const auto number = [](const ReleaseName& release) {
    const auto parts = SplitReleaseName(release.text());
    return parts ? parts->second : 0;
  };
  const auto& known = state.approval_files;
  return known.size() >= kApprovalFilesRemembered &&
         std::all_of(known.begin(), known.end(), [&](const auto& told) {
           const auto parts = Split(told.first, '/');
           return parts.size() > 2 && number(ReleaseName(parts[2])) >= number(file.release);
         });
}

void AddGone(const Look& look, std::vector<ApprovalChange>& changes) {
  for (const StandingApproval& standing : look.state.approvals) {
    if (standing.file.empty() || look.situation.view.approvals.count(standing.file) > 0) {
      continue;
    }
    ApprovalChange change;
    change.kind = ApprovalChange::Kind::kWithdrawn;
    change.path = standing.file;
    change.release = standing.release;
    const auto told = look.state.approval_files.find(standing.file);
    if (told != look.state.approval_files.end()) {
      change.told = told->second;
    }
    change.told.refused = "it was taken from main";
    change.approval = standing;
    changes.push_back(std::move(change));
  }
}

}  // namespace

std::vector<const ApprovalFile*> ApprovalsOf(const OperationsView& view,
                                             const EnvironmentProject& pair) {
  const std::string folder = fmt::format("approvals/{}/", pair.first.text());
  std::vector<const ApprovalFile*> files;
  for (auto file = view.approvals.lower_bound(folder);
       file != view.approvals.end() && file->first.compare(0, folder.size(), folder) == 0;
       ++file) {
    const auto parts = SplitReleaseName(file->second.release.text());
    if (parts && parts->first == pair.second) {
      files.push_back(&file->second);
    }
  }
  return files;
}

std::vector<ApprovalChange> LookAtApprovals(const Situation& situation,
                                            const EnvironmentProject& pair,
                                            const EnvironmentState& state,
                                            WishFinder& wishes) {
  const Look look{situation, pair, state, wishes};
  std::vector<ApprovalChange> changes;
  AddGone(look, changes);
  for (const ApprovalFile* file : ApprovalsOf(situation.view, pair)) {
    const auto told = state.approval_files.find(file->path);
    const bool known = told != state.approval_files.end() &&
                       told->second.file == file->blob.text() &&
                       told->second.signature == file->signature.text();
    if (!known && IsForgotten(state, *file)) {
      continue;
    }
    auto change = known ? LookAtKnown(look, *file, told->second) : LookAtNew(look, *file);
    if (change) {
      changes.push_back(std::move(*change));
    }
  }
  return changes;
}

std::vector<std::string> RefusedApprovals(const Situation& situation,
                                          const EnvironmentState& state,
                                          const EnvironmentName& environment,
                                          const ReleaseName& release) {
  const std::string folder = fmt::format("approvals/{}/{}/", environment.text(), release.text());
  std::vector<std::string> sentences;
  for (const auto& [path, told] : state.approval_files) {
    if (path.compare(0, folder.size(), folder) == 0 && !told.refused.empty() &&
        situation.view.approvals.count(path) > 0) {
      sentences.push_back(fmt::format("{} does not count: {}", path, told.refused));
    }
  }
  return sentences;
}

}  // namespace failgate
