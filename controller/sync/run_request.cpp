#include "controller/sync/run_request.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "controller/base/text.h"
#include "controller/pipeline/plan.h"
#include "controller/pipeline/run_draft.h"
#include "controller/sync/branch_planner.h"
#include "controller/sync/snapshot.h"

namespace failgate {
namespace {

constexpr std::string_view kBranchPrefix = "refs/heads/";
/// Of a shortened commit id.
constexpr std::size_t kMinCommitDigits = 7;

struct Place {
  RefEntry at;  ///< a branch, and the commit asked for
  bool is_code_branch = false;
  Pipeline pipeline;
};

std::string Shown(const std::string& text) {
  return OneLine(text, 100);
}

bool IsCodeBranch(const Pipeline& pipeline, const std::string& ref) {
  const std::string branch = ref.substr(kBranchPrefix.size());
  const auto& patterns = pipeline.triggers.code.branches;
  return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
    return BranchMatches(pattern, branch);
  });
}

Result<Pipeline> PipelineAt(const Repository& repository,
                            const SourceSettings& source,
                            const RunRequest& request,
                            const CommitId& revision) {
  const Snapshot snapshot = ReadSnapshot(repository, source.name, {"", revision}, std::nullopt);
  if (!snapshot.pipeline_text) {
    return Refusal{"no_pipeline",
                   fmt::format("revision {} has no {}", revision.text(), kPipelineFileName)};
  }
  if (!*snapshot.pipeline_text) {
    return Refusal{"invalid_pipeline", snapshot.pipeline_text->error().text};
  }
  Parsed<Pipeline> pipeline =
      ParsePipeline(**snapshot.pipeline_text, std::string(kPipelineFileName));
  if (!pipeline) {
    return Refusal{"invalid_pipeline", DescribeInOneLine(pipeline.error())};
  }
  if (pipeline->project != request.project) {
    return Refusal{"wrong_project",
                   fmt::format("revision {} is of project {}, not of {}",
                               revision.text(),
                               Shown(pipeline->project.text()),
                               Shown(request.project.text()))};
  }
  return std::move(pipeline).value();
}

/// Heads in the order people think of them: main, master, then by name.
std::vector<RefEntry> OrderedHeads(const SourceMirror& mirror) {
  std::vector<RefEntry> heads = mirror.Heads();
  const auto rank = [](const RefEntry& head) {
    return head.name == "refs/heads/main" ? 0 : head.name == "refs/heads/master" ? 1 : 2;
  };
  std::stable_sort(heads.begin(), heads.end(), [&](const RefEntry& a, const RefEntry& b) {
    return rank(a) < rank(b);
  });
  return heads;
}

Result<Place> FirstCodeBranch(const Repository& repository,
                              const SourceSettings& source,
                              const std::vector<RefEntry>& heads,
                              const RunRequest& request) {
  std::optional<Refusal> first;
  for (const RefEntry& head : heads) {
    Result<Pipeline> pipeline = PipelineAt(repository, source, request, head.commit);
    if (!pipeline) {
      if (!first) {
        first = pipeline.error();
      }
      continue;
    }
    if (IsCodeBranch(*pipeline, head.name)) {
      return Place{head, true, std::move(pipeline).value()};
    }
  }
  return first ? *first
               : Refusal{"no_code_branch",
                         fmt::format("source {} has no branch that triggers.code names",
                                     source.name.text())};
}

Result<Place> PlaceOf(const Repository& repository,
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
  Result<Pipeline> pipeline = PipelineAt(repository, source, request, revision);
  if (!pipeline) {
    return pipeline.error();
  }
  std::optional<Place> place;
  for (const RefEntry& head : heads) {
    if ((!named.empty() && head.name != named) || !repository.IsAncestor(revision, head.commit)) {
      continue;
    }
    const bool is_code = IsCodeBranch(*pipeline, head.name);
    if (!place || (is_code && !place->is_code_branch)) {
      place = Place{{head.name, revision}, is_code, *pipeline};
    }
  }
  if (!place) {
    return unknown;
  }
  return std::move(*place);
}

std::string NonceOf(const RunRequest& request, const Clock& clock) {
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
                                 DataVersions& data,
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
  const std::vector<RefEntry> heads = OrderedHeads(mirror);
  Result<Place> place = request.revision.empty()
                            ? FirstCodeBranch(repository, source, heads, request)
                            : PlaceOf(repository, source, heads, request);
  if (!place) {
    return place.error();
  }
  RunDraft draft;
  draft.source = source.name;
  draft.ref = place->at.name;
  draft.revision = place->at.commit;
  draft.data_version = data.Of(repository, place->at.commit, place->pipeline);
  draft.trigger = place->is_code_branch ? TriggerKind::kManual : TriggerKind::kCheck;
  draft.training = request.training;
  draft.requested_by = request.requested_by.empty() ? "" : FormatPerson(request.requested_by);
  draft.again_nonce = NonceOf(request, clock);
  draft.reason = draft.requested_by.empty() ? "asked for by hand"
                                            : fmt::format("asked for by {}", draft.requested_by);
  NewRun run = DraftRun(place->pipeline, draft, steps.Statistics(request.project));
  if (run.steps.empty()) {
    return Refusal{"nothing_to_run", "no step of the pipeline runs for this revision"};
  }
  return run;
}

}  // namespace failgate
