#include "controller/sync/branch_planner.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "controller/base/fail_point.h"
#include "controller/base/log.h"
#include "controller/base/text.h"
#include "controller/pipeline/plan.h"
#include "controller/pipeline/run_draft.h"
#include "controller/sync/overtaken_data.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxProblemsTold = 100;
constexpr std::size_t kMaxReason = 8000;

bool IsUsualCodeBranch(const std::string& ref) {
  return ref == "refs/heads/main" || ref == "refs/heads/master";
}

PushFacts FactsOf(const Snapshot& snapshot) {
  PushFacts facts;
  facts.ref = snapshot.ref;
  facts.is_first_head = snapshot.is_first_head;
  facts.changed_paths = snapshot.changed_paths;
  return facts;
}

std::string WhyData(const OvertakenData& data, const std::string& push) {
  constexpr std::size_t kShownRevision = 12;
  return fmt::format("trains on new data in place of run {} of {}, which had not begun ({}): {}",
                     data.run.text(),
                     data.revision.text().substr(0, kShownRevision),
                     data.reason,
                     push);
}

}  // namespace

std::string DescribeInOneLine(const Problems& problems) {
  std::vector<std::string> lines;
  for (const Problem& problem : problems) {
    if (lines.size() == kMaxProblemsTold) {
      lines.push_back(fmt::format("and {} more", problems.size() - kMaxProblemsTold));
      break;
    }
    lines.push_back(Describe(problem));
  }
  return OneLine(Join(lines, "; "), kMaxReason);
}

std::string WhyNotOf(const SourceSettings& source, const ProjectName& project) {
  const auto& allowed = source.projects;
  if (std::find(allowed.begin(), allowed.end(), project) != allowed.end()) {
    return "";
  }
  std::vector<std::string> names;
  for (const ProjectName& name : allowed) {
    names.push_back(name.text());
  }
  return fmt::format(
      "{}: project \"{}\" may not be released by source {}: the server file binds it to {}",
      kPipelineFileName,
      OneLine(project.text(), 100),
      source.name.text(),
      Join(names, ", "));
}

BranchPlanner::BranchPlanner(HeadStore& heads,
                             RunStore& runs,
                             StepStore& steps,
                             const RunDataVersion& data)
    : heads_(heads), runs_(runs), steps_(steps), data_(data) {}

BranchOutcome BranchPlanner::Plan(const SourceSettings& source,
                                  const Repository& repository,
                                  const RefEntry& head,
                                  const std::vector<std::string>& deliveries) {
  const Snapshot snapshot =
      ReadSnapshot(repository, source.name, head, heads_.Get(source.name, head.name));
  BranchOutcome outcome = Decide(source, repository, snapshot, deliveries);
  if (!outcome.run.empty()) {
    runs_.AddDeliveries(outcome.run, deliveries);
    (void)runs_.SupersedeQueued(source.name, head.name, outcome.run);
    FailPoint("run-created");
  }
  // Last: until here a crash makes the next look at this head do the same again.
  heads_.Set(source.name, head.name, head.commit);
  return outcome;
}

void BranchPlanner::Note(const SourceSettings& source, const RefEntry& head) {
  heads_.Set(source.name, head.name, head.commit);
}

BranchOutcome BranchPlanner::Decide(const SourceSettings& source,
                                    const Repository& repository,
                                    const Snapshot& snapshot,
                                    const std::vector<std::string>& deliveries) {
  if (!snapshot.pipeline_text) {
    const std::string reason =
        fmt::format("revision {} has no {}", snapshot.revision.text(), kPipelineFileName);
    log::Info("nothing to run",
              {{"source", source.name.text()}, {"ref", snapshot.ref}, {"because", reason}});
    return {RunId(), false, reason};
  }
  const Result<std::string>& text = *snapshot.pipeline_text;
  if (!text) {
    return Refuse(source, snapshot, deliveries, text.error().text);
  }
  const Parsed<Pipeline> pipeline = ParsePipeline(*text, std::string(kPipelineFileName));
  if (!pipeline) {
    return Refuse(source, snapshot, deliveries, DescribeInOneLine(pipeline.error()));
  }
  if (const std::string why_not = WhyNotOf(source, pipeline->project); !why_not.empty()) {
    return Refuse(source, snapshot, deliveries, why_not);
  }
  PushClass push = Classify(*pipeline, FactsOf(snapshot));
  std::optional<OvertakenData> overtaken;
  if (push.kind == PushKind::kCode) {
    overtaken =
        FindOvertakenData(runs_, source.name, snapshot.ref, snapshot.revision, snapshot.base);
    if (overtaken) {
      push = {PushKind::kData, WhyData(*overtaken, push.reason)};
    }
  }
  const std::optional<TriggerKind> trigger = TriggerOf(push.kind);
  if (!trigger) {
    return {RunId(), false, push.reason};
  }
  const Result<std::string> data_version = data_.Of(repository, snapshot.revision, *pipeline);
  if (!data_version) {
    return Refuse(source, snapshot, deliveries, data_version.error().text);
  }
  RunDraft draft;
  draft.source = source.name;
  draft.ref = snapshot.ref;
  draft.revision = snapshot.revision;
  draft.base_revision = snapshot.base;
  draft.data_version = *data_version;
  draft.trigger = *trigger;
  draft.deliveries = deliveries;
  draft.reason = push.reason;
  draft.overtaken = std::move(overtaken);
  NewRun run = DraftRun(*pipeline, draft, steps_.Statistics(pipeline->project));
  if (run.steps.empty()) {
    return {RunId(), false, fmt::format("no step runs for a {} push", ToText(push.kind))};
  }
  return Queue(std::move(run), snapshot);
}

BranchOutcome BranchPlanner::Refuse(const SourceSettings& source,
                                    const Snapshot& snapshot,
                                    const std::vector<std::string>& deliveries,
                                    const std::string& reason) {
  NewRun run;
  run.project = source.projects.front();
  run.source = source.name;
  run.ref = snapshot.ref;
  run.revision = snapshot.revision;
  run.base_revision = snapshot.base;
  // What the branch is for stands in the file that cannot be used.
  run.trigger = IsUsualCodeBranch(snapshot.ref) ? RunTrigger::kCode : RunTrigger::kCheck;
  run.deliveries = deliveries;
  run.reason = OneLine(reason, kMaxReason);
  BranchOutcome outcome;
  outcome.run = runs_.CreateFinished(run, RunState::kRefused).id;
  return outcome;
}

BranchOutcome BranchPlanner::Queue(NewRun run, const Snapshot& snapshot) {
  RunStore::Created created = runs_.Create(run);
  if (!created.is_new) {
    const std::optional<Run> existing = runs_.Get(created.id);
    // A branch that was moved away and back: its run was superseded before it began.
    if (existing && existing->state == RunState::kSuperseded) {
      run.again_nonce = "back-from:" + snapshot.base.text();
      created = runs_.Create(run);
    }
  }
  return {created.id, created.is_new, ""};
}

}  // namespace failgate
