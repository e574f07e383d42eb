#include "controller/pipeline/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "controller/base/text.h"

namespace failgate {
namespace {

constexpr std::string_view kBranchPrefix = "refs/heads/";
constexpr std::size_t kShownName = 200;

bool AnyBranchMatches(const std::vector<std::string>& patterns, std::string_view branch) {
  return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
    return BranchMatches(pattern, branch);
  });
}

/// The first path that matches one of the patterns.
const std::string* FirstMatch(const std::vector<std::string>& patterns,
                              const std::vector<std::string>& paths) {
  for (const std::string& path : paths) {
    for (const std::string& pattern : patterns) {
      if (GlobMatches(pattern, path)) {
        return &path;
      }
    }
  }
  return nullptr;
}

/// The first path that code triggers look at and do not ignore.
const std::string* FirstCodePath(const CodeTrigger& code, const std::vector<std::string>& paths) {
  for (const std::string& path : paths) {
    const std::vector<std::string> one{path};
    if (FirstMatch(code.paths, one) != nullptr && FirstMatch(code.ignore, one) == nullptr) {
      return &path;
    }
  }
  return nullptr;
}

std::string Shown(std::string_view name) {
  return OneLine(name, kShownName);
}

/// Git has nothing there, but people ask what a file would do.
std::optional<PushClass> ClassifyWatched(const DataTrigger& data,
                                         const std::vector<std::string>& paths) {
  for (const std::string& path : paths) {
    for (const WatchUse& use : data.watch) {
      if (path == use.name || path == use.at || path.rfind(use.at + "/", 0) == 0) {
        return PushClass{PushKind::kData,
                         fmt::format("\"{}\" is data of the watch {}", Shown(path), use.name)};
      }
    }
  }
  return std::nullopt;
}

PushClass ClassifyKnownPaths(const Triggers& triggers, const std::vector<std::string>& paths) {
  const std::string* data = triggers.data ? FirstMatch(triggers.data->paths, paths) : nullptr;
  if (data != nullptr) {
    return {PushKind::kData, fmt::format("\"{}\" is data", Shown(*data))};
  }
  if (triggers.data) {
    if (auto watched = ClassifyWatched(*triggers.data, paths)) {
      return *watched;
    }
  }
  const std::string* code = FirstCodePath(triggers.code, paths);
  if (code != nullptr) {
    return {PushKind::kCode, fmt::format("\"{}\" changed, and no data", Shown(*code))};
  }
  if (paths.empty()) {
    return {PushKind::kNothing, "no file changed"};
  }
  return {PushKind::kNothing,
          fmt::format("only paths changed that the triggers ignore, such as \"{}\"",
                      Shown(paths.front()))};
}

PushClass ClassifyCodeBranch(const Triggers& triggers, const PushFacts& push) {
  if (push.is_first_head) {
    return {PushKind::kCode, "this is the first head of the branch"};
  }
  if (push.changed_paths) {
    return ClassifyKnownPaths(triggers, *push.changed_paths);
  }
  if (triggers.data && !triggers.data->paths.empty()) {
    return {PushKind::kData, "what changed is not known, so it may be data"};
  }
  return {PushKind::kCode, "what changed is not known"};
}

/// What decides the place of a step within its rank.
struct Cost {
  bool measured = false;
  double milliseconds_per_failure = 0;
};

Cost CostOf(const PlanRequest& request, const std::string& step) {
  const auto found = request.statistics.find(step);
  if (found == request.statistics.end() || found->second.runs <= 0) {
    return {};
  }
  const StepHistory& statistics = found->second;
  return {true,
          static_cast<double>(statistics.mean_duration.count()) / SmoothedFailureRate(statistics)};
}

/// Within a rank: never measured, then cheapest failure; equal ones keep the file order.
bool IsCheaper(const Cost& a, const Cost& b) {
  if (a.measured != b.measured) {
    return !a.measured;
  }
  return a.milliseconds_per_failure < b.milliseconds_per_failure;
}

std::optional<StepLevel> LastLevel(const Pipeline& pipeline, const PlanRequest& request) {
  if (request.until || request.trigger != TriggerKind::kCheck) {
    return request.until;
  }
  return pipeline.triggers.check.value_or(CheckTrigger()).until;
}

std::set<std::string> StepsToRun(const Pipeline& pipeline, std::optional<StepLevel> until) {
  std::set<std::string> names;
  for (const PipelineStep& step : pipeline.steps) {
    if (!until || step.level <= *until) {
      names.insert(step.name);
      names.merge(TransitiveNeeds(pipeline, step));
    }
  }
  return names;
}

std::string WhyHere(const PipelineStep& step, const PlanRequest& request) {
  std::string why(ToText(step.level));
  if (!step.needs.empty()) {
    why = fmt::format("after {}; {}", Join(step.needs, ", "), why);
  }
  const auto found = request.statistics.find(step.name);
  if (found == request.statistics.end() || found->second.runs <= 0) {
    return why + ", not measured yet";
  }
  const StepHistory& statistics = found->second;
  return fmt::format("{}, takes {} and failed {} of {} times",
                     why,
                     HumanDuration(statistics.mean_duration),
                     statistics.failures,
                     statistics.runs);
}

/// Of the steps whose needs are all planned the one to run next; nullptr when none is left.
const PipelineStep* NextStep(const Pipeline& pipeline,
                             const PlanRequest& request,
                             const std::set<std::string>& open) {
  const PipelineStep* best = nullptr;
  for (const PipelineStep& step : pipeline.steps) {
    const bool waits = std::any_of(step.needs.begin(),
                                   step.needs.end(),
                                   [&](const std::string& need) { return open.count(need) > 0; });
    if (open.count(step.name) == 0 || waits) {
      continue;
    }
    if (best == nullptr || step.level < best->level ||
        (step.level == best->level &&
         IsCheaper(CostOf(request, step.name), CostOf(request, best->name)))) {
      best = &step;
    }
  }
  return best;
}

}  // namespace

std::string_view ToText(PushKind kind) {
  switch (kind) {
    case PushKind::kCode:
      return "code";
    case PushKind::kData:
      return "data";
    case PushKind::kCheck:
      return "check";
    case PushKind::kNothing:
      return "nothing";
  }
  return "";
}

std::optional<TriggerKind> TriggerOf(PushKind kind) {
  switch (kind) {
    case PushKind::kCode:
      return TriggerKind::kCode;
    case PushKind::kData:
      return TriggerKind::kData;
    case PushKind::kCheck:
      return TriggerKind::kCheck;
    case PushKind::kNothing:
      return std::nullopt;
  }
  return std::nullopt;
}

bool BranchMatches(std::string_view pattern, std::string_view branch) {
  if (branch.empty()) {
    return false;
  }
  if (pattern == "*" || pattern == "**") {
    return true;
  }
  // GlobMatches lets a pattern without '/' match the last part alone, as .gitignore does; a branch
  // "feature/main" must never count as "main".
  if (pattern.find('/') == std::string_view::npos && branch.find('/') != std::string_view::npos) {
    return false;
  }
  return GlobMatches(pattern, branch);
}

PushClass Classify(const Pipeline& pipeline, const PushFacts& push) {
  const std::string_view ref = push.ref;
  if (ref.substr(0, kBranchPrefix.size()) != kBranchPrefix || ref.size() == kBranchPrefix.size()) {
    return {PushKind::kNothing, fmt::format("\"{}\" is not a branch", Shown(ref))};
  }
  const std::string_view branch = ref.substr(kBranchPrefix.size());
  const Triggers& triggers = pipeline.triggers;
  if (AnyBranchMatches(triggers.code.branches, branch)) {
    return ClassifyCodeBranch(triggers, push);
  }
  if (!triggers.check || !AnyBranchMatches(triggers.check->branches, branch)) {
    return {PushKind::kNothing, fmt::format("no trigger names branch \"{}\"", Shown(branch))};
  }
  const PushClass on_code_branch = ClassifyCodeBranch(triggers, push);
  if (on_code_branch.kind == PushKind::kNothing) {
    return on_code_branch;
  }
  return {PushKind::kCheck,
          fmt::format(
              "branch \"{}\" is checked until {}", Shown(branch), ToText(triggers.check->until))};
}

double SmoothedFailureRate(const StepHistory& statistics) {
  return (static_cast<double>(statistics.failures) + 1.0) /
         (static_cast<double>(statistics.runs) + 2.0);
}

TrainingMode EffectiveTraining(const PipelineStep& step,
                               TriggerKind trigger,
                               std::optional<TrainingMode> wanted) {
  if (wanted) {
    return *wanted;
  }
  switch (trigger) {
    case TriggerKind::kCode:
    case TriggerKind::kCheck:
      return step.training.code;
    case TriggerKind::kData:
      return step.training.data;
    case TriggerKind::kSchedule:
      return step.training.schedule;
    case TriggerKind::kManual:
      return step.training.manual;
  }
  return TrainingMode::kDegraded;
}

RunPlan PlanRun(const Pipeline& pipeline, const PlanRequest& request) {
  const std::optional<StepLevel> until = LastLevel(pipeline, request);
  std::set<std::string> open = StepsToRun(pipeline, until);
  RunPlan plan;
  plan.trigger = request.trigger;
  plan.training = request.training.value_or(TrainingMode::kFull);
  if (pipeline.triggers.data) {
    for (const WatchUse& use : pipeline.triggers.data->watch) {
      plan.watched.push_back(use.name);
    }
  }
  for (const PipelineStep& step : pipeline.steps) {
    if (open.count(step.name) == 0) {
      plan.left_out.push_back({step.name,
                               fmt::format("{} comes after {}, the last level of this run",
                                           ToText(step.level),
                                           until ? ToText(*until) : "")});
    } else if (step.level == StepLevel::kTrain &&
               EffectiveTraining(step, request.trigger, request.training) ==
                   TrainingMode::kDegraded) {
      plan.training = TrainingMode::kDegraded;
    }
  }
  while (const PipelineStep* step = NextStep(pipeline, request, open)) {
    const TrainingMode training = step->level == StepLevel::kTrain
                                      ? EffectiveTraining(*step, request.trigger, request.training)
                                      : plan.training;
    plan.steps.push_back({step->name, step->level, training, WhyHere(*step, request)});
    open.erase(step->name);
  }
  Check(open.empty(), "a parsed pipeline has no circle of needs");
  return plan;
}

}  // namespace failgate
