#include "controller/sync/run_request.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "controller/base/text.h"
#include "controller/pipeline/plan.h"
#include "controller/pipeline/run_draft.h"
#include "controller/sync/code_branch.h"

namespace failgate {
namespace {

constexpr std::string_view kBranchPrefix = "refs/heads/";
/// Of a shortened commit id.
constexpr std::size_t kMinCommitDigits = 7;

std::string Shown(const std::string& text) {
  return OneLine(text, 100);
}

Result<CodePlace> PlaceOf(const Repository& repository,
                          const SourceSettings& source,
                          const std::vector<RefEntry>& heads,
                          const RunRequest& request) {
  CommitId revision;
  std::string named;
  for (const RefEntry& head : heads) {
    if (head.name == request.revision ||
        head.name == std::string(kBranchPrefix) + request.revision) {
      revision = head.commit;
      named = head.name;
    }
  }
  if (revision.empty() && request.revision.size() >= kMinCommitDigits) {
    Result<CommitId> commit = repository.CommitLike(request.revision);
    if (!commit && commit.error().code == "ambiguous_commit") {
      return Refusal{"ambiguous_revision", commit.error().text};
    }
    revision = commit ? *commit : CommitId();
  }
  const Refusal unknown{
      "unknown_revision",
      fmt::format(
          "\"{}\" is no branch of source {} and no commit id (7 digits or more) that one of "
          "its branches holds; `failgate sync {}` fetches what is new",
          Shown(request.revision),
          source.name.text(),
          source.name.text())};
  if (revision.empty()) {
    return unknown;
  }
  Result<Pipeline> pipeline = PipelineAt(repository, source, request.project, revision);
  if (!pipeline) {
    return pipeline.error();
  }
  std::optional<CodePlace> place;
  for (const RefEntry& head : heads) {
    if ((!named.empty() && head.name != named) || !repository.IsAncestor(revision, head.commit)) {
      continue;
    }
    const bool is_code = IsCodeBranch(*pipeline, head.name);
    if (!place || (is_code && !place->is_code_branch)) {
      place = CodePlace{{head.name, revision}, is_code, *pipeline};
    }
  }
  if (!place) {
    return unknown;
  }
  return std::move(*place);
}

std::string NonceOf(const RunRequest& request, const Clock& clock) {
  if (!request.again_for.empty()) {
    return "again-for:" + request.again_for;
  }
  if (request.again) {
    return "again:" + NewUuid(clock.Now());
  }
  if (!request.training) {
    return "";
  }
  return *request.training == TrainingMode::kFull
             ? kFullTrainingNonce
             : "training-" + std::string(ToText(*request.training));
}

}  // namespace

Result<NewRun> DraftRequestedRun(const SourceSettings& source,
                                 const SourceMirror& mirror,
                                 const StepStore& steps,
                                 const RunDataVersion& data,
                                 const RunRequest& request,
                                 const Clock& clock) {
  if (!std::filesystem::exists(mirror.path() / "HEAD") || mirror.Heads().empty()) {
    return Refusal{"source_not_read",
                   fmt::format("source {} has not been read yet or has no branches: see `failgate "
                               "doctor`, then `failgate sync {}`",
                               source.name.text(),
                               source.name.text())};
  }
  const Repository repository = mirror.Open();
  const std::vector<RefEntry> heads = OrderedHeads(mirror.Heads());
  Result<CodePlace> place = request.revision.empty()
                                ? FirstCodeBranch(repository, source, heads, request.project)
                                : PlaceOf(repository, source, heads, request);
  if (!place) {
    return place.error();
  }
  const Result<std::string> data_version = data.Of(repository, place->at.commit, place->pipeline);
  if (!data_version) {
    return data_version.error();
  }
  RunDraft draft;
  draft.source = source.name;
  draft.ref = place->at.name;
  draft.revision = place->at.commit;
  draft.data_version = *data_version;
  draft.trigger = place->is_code_branch ? TriggerKind::kManual : TriggerKind::kCheck;
  draft.training = request.training;
  draft.requested_by = request.requested_by.empty() ? "" : FormatPerson(request.requested_by);
  draft.again_nonce = NonceOf(request, clock);
  draft.reason = draft.requested_by.empty() ? "asked for by hand"
                                            : fmt::format("asked for by {}", draft.requested_by);
  if (!request.reason.empty()) {
    draft.reason = request.reason;
  }
  NewRun run = DraftRun(place->pipeline, draft, steps.Statistics(request.project));
  if (run.steps.empty()) {
    return Refusal{"nothing_to_run", "no step of the pipeline runs for this revision"};
  }
  return run;
}

Result<NewRun> DraftDataRun(const SourceSettings& source,
                            const SourceMirror& mirror,
                            std::vector<RefEntry> heads,
                            const StepStore& steps,
                            const RunDataVersion& data,
                            const ProjectName& project,
                            RunDraft draft) {
  const Repository repository = mirror.Open();
  const Result<CodePlace> place =
      FirstCodeBranch(repository, source, OrderedHeads(std::move(heads)), project);
  if (!place) {
    return place.error();
  }
  const Result<std::string> data_version = data.Of(repository, place->at.commit, place->pipeline);
  if (!data_version) {
    return data_version.error();
  }
  draft.source = source.name;
  draft.ref = place->at.name;
  draft.revision = place->at.commit;
  draft.data_version = *data_version;
  NewRun run = DraftRun(place->pipeline, draft, steps.Statistics(project));
  if (run.steps.empty()) {
    return Refusal{"nothing_to_run", "no step of the pipeline runs for this revision"};
  }
  return run;
}

}  // namespace failgate
