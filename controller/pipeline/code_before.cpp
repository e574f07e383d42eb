#include "controller/pipeline/code_before.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "controller/base/error.h"
#include "controller/base/secret.h"
#include "controller/base/text.h"
#include "controller/git/repository.h"
#include "controller/git/tree_diff.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxChangedPaths = 20000;
constexpr std::size_t kMaxSubjectLength = 100;

std::optional<CommitId> HeadBefore(const Repository& mirror, const Run& run) {
  if (!run.base_revision.empty() && run.base_revision != run.revision &&
      mirror.HasCommit(run.base_revision)) {
    return run.base_revision;
  }
  const CommitInfo commit = mirror.ReadCommit(run.revision);
  return commit.parents.empty() ? std::nullopt : std::optional(commit.parents.front());
}

bool TestsDiffer(const Repository& mirror,
                 const CommitId& parent,
                 const CommitId& revision,
                 const std::vector<std::string>& globs) {
  const ChangedPathList changed = ChangedPaths(mirror, parent, revision, kMaxChangedPaths);
  return changed.truncated ||
         std::any_of(changed.paths.begin(), changed.paths.end(), [&](const ChangedPath& path) {
           return std::any_of(globs.begin(), globs.end(), [&](const std::string& glob) {
             return GlobMatches(glob, path.path);
           });
         });
}

void AddSubjects(const Repository& mirror, const CommitId& revision, RegressionEvidence& evidence) {
  auto commits = mirror.CommitsBetween(
      evidence.parent.empty() ? std::nullopt : std::optional<CommitId>(evidence.parent),
      revision,
      kMaxSubjects + 1);
  evidence.more_subjects = commits.size() > kMaxSubjects;
  if (evidence.more_subjects) {
    commits.pop_back();
  }
  for (const CommitId& commit : commits) {
    evidence.subjects.push_back(
        OneLine(Redact(mirror.ReadCommit(commit).subject), kMaxSubjectLength));
  }
}

RegressionEvidence Look(const Repository& mirror,
                        const Run& run,
                        const std::optional<Champion>& champion,
                        const std::vector<std::string>& globs) {
  RegressionEvidence evidence;
  if (champion) {
    evidence.running = champion->release.text();
    if (champion->revision.empty() || !mirror.HasCommit(champion->revision)) {
      evidence.detail = fmt::format(
          "the source does not have the revision of {}, which runs in "
          "the last environment",
          evidence.running);
      return evidence;
    }
    evidence.parent = champion->revision;
  } else if (const auto before = HeadBefore(mirror, run)) {
    evidence.parent = *before;
  }
  AddSubjects(mirror, run.revision, evidence);
  if (evidence.parent.empty()) {
    evidence.state = RegressionState::kNoParent;
  } else {
    evidence.state = TestsDiffer(mirror, evidence.parent, run.revision, globs)
                         ? RegressionState::kRan
                         : RegressionState::kUnchanged;
  }
  return evidence;
}

}  // namespace

RegressionEvidence LookAtCodeBefore(const ExecutionParts& parts,
                                    const RunContext& context,
                                    const std::vector<std::string>& globs) {
  const Run& run = context.run;
  const ChampionAnswer answer = parts.questions.champion ? parts.questions.champion(run.project)
                                                         : ChampionAnswer{true, std::nullopt};
  if (!answer.known) {
    RegressionEvidence evidence;
    evidence.detail = "what runs in the last environment is not known yet";
    return evidence;
  }
  try {
    return Look(Repository::Open(parts.folders.mirrors / (run.source.text() + ".git")),
                run,
                answer.champion,
                globs);
  } catch (const Error& error) {
    if (error.remedy() == Remedy::kRetry ||
        (parts.questions.mirror_is_broken && parts.questions.mirror_is_broken(run.source))) {
      throw Error(Remedy::kRetry, fmt::format("looking at the code before: {}", error.what()));
    }
    RegressionEvidence evidence;
    evidence.detail = OneLine(Redact(error.what()));
    return evidence;
  }
}

}  // namespace failgate
