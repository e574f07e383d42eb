// failgate.yaml: how a source is tested, trained and built (product.md §3, docs/pipeline.md).
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "controller/base/clock.h"
#include "controller/base/cron.h"
#include "controller/base/ids.h"
#include "controller/base/result.h"

namespace failgate {

/// In rank order: unit runs first.
enum class StepLevel { kUnit, kBuild, kIntegration, kTrain, kFunctional };
enum class TrainingMode { kDegraded, kFull };
enum class TriggerKind { kCode, kData, kSchedule, kManual, kCheck };
enum class StepShell { kSh, kBash };

/// The word of the contract: "unit", "degraded", "code", "sh".
[[nodiscard]] std::string_view ToText(StepLevel level);
[[nodiscard]] std::string_view ToText(TrainingMode mode);
[[nodiscard]] std::string_view ToText(TriggerKind trigger);
[[nodiscard]] std::string_view ToText(StepShell shell);
[[nodiscard]] std::optional<StepLevel> ParseStepLevel(std::string_view text);
[[nodiscard]] std::optional<TrainingMode> ParseTrainingMode(std::string_view text);
[[nodiscard]] std::optional<TriggerKind> ParseTriggerKind(std::string_view text);

struct CodeTrigger {
  std::vector<std::string> branches{"main"};  ///< globs over branch names, see BranchMatches
  std::vector<std::string> paths{"**"};
  std::vector<std::string> ignore;
  bool operator==(const CodeTrigger&) const = default;
};

/// A watch of the server file: its newest version lies at `at` when a step runs.
struct WatchUse {
  std::string name;
  std::string at;  ///< a safe relative path that git does not have
  bool operator==(const WatchUse&) const = default;
};

/// Where the tree of a source of kind data lies in the workspace.
struct DataPlace {
  SourceName source;
  std::string at;  ///< IsSafeRelativePath
  bool operator==(const DataPlace&) const = default;
};

/// Data pushes are looked for on the branches of the code trigger.
struct DataTrigger {
  std::vector<std::string> paths;
  std::vector<WatchUse> watch = {};     ///< sorted by name, names and places unique
  std::vector<DataPlace> sources = {};  ///< those that do not lie at data/NAME
  bool operator==(const DataTrigger&) const = default;
};

/// Times at which the newest head of the code branch runs.
struct ScheduleTrigger {
  std::string cron;  ///< as written
  CronSchedule times;
  std::string timezone = "UTC";
  bool operator==(const ScheduleTrigger&) const = default;
};

struct CheckTrigger {
  std::vector<std::string> branches{"*"};
  StepLevel until = StepLevel::kIntegration;  ///< the last rank that runs
  bool operator==(const CheckTrigger&) const = default;
};

struct Triggers {
  CodeTrigger code;
  std::optional<DataTrigger> data;    ///< absent: no push is a data push
  std::optional<CheckTrigger> check;  ///< absent: other branches are not looked at
  std::vector<ScheduleTrigger> schedule = {};
  bool operator==(const Triggers&) const = default;
};

/// What the training mode is for each trigger; what is not written is full. A check trains as code
/// does.
struct TrainingModes {
  TrainingMode code = TrainingMode::kFull;
  TrainingMode data = TrainingMode::kFull;
  TrainingMode schedule = TrainingMode::kFull;
  TrainingMode manual = TrainingMode::kFull;
  bool operator==(const TrainingModes&) const = default;
};

/// Paths of report files in the workspace, relative; none = no report of that kind.
struct ReportPaths {
  std::vector<std::string> tests;
  std::vector<std::string> coverage;
  std::vector<std::string> metrics;
  std::vector<std::string> consistency = {};
  std::vector<std::string> data = {};
  bool operator==(const ReportPaths&) const = default;
};

/// A file or folder that the step makes. `path` may hold ${{ steps.NAME.outputs.KEY }} (outputs.h);
/// otherwise it is a safe relative path without "./" in front or '/' at the end.
struct ArtifactSpec {
  std::string name;
  std::string path;
  std::string format;  ///< declared word such as "joblib"; empty = not declared
  bool operator==(const ArtifactSpec&) const = default;
};

/// How the second run of a step takes its test cases in another order.
enum class Shuffle {
  kNone,
  kByItself,  ///< the step's command reads FAILGATE_SHUFFLE_SEED
  kPytestRandomly,
  kPytestRandomOrder,
  kGoogleTest,
  kGo,
};
/// "pytest-randomly", "pytest-random-order", "gtest", "go".
[[nodiscard]] std::optional<Shuffle> ParseShuffleTool(std::string_view text);

/// The step runs once more after it passed, and its reports are compared.
struct RepeatSpec {
  Shuffle shuffle = Shuffle::kNone;
  bool operator==(const RepeatSpec&) const = default;
};

struct PipelineStep {
  std::string name;
  StepLevel level = StepLevel::kUnit;
  std::string usecase;  ///< empty = none
  std::string run;
  StepShell shell = StepShell::kSh;
  std::vector<std::string> needs;
  ReportPaths reports;
  Milliseconds timeout{3600000};  ///< one hour unless written
  /// In file order; values may hold ${{ steps.NAME.outputs.KEY }}.
  std::vector<std::pair<std::string, std::string>> env;
  TrainingModes training;           ///< of a step of level train
  std::vector<std::string> inputs;  ///< globs; of a step of level train
  std::vector<ArtifactSpec> artifacts;
  bool network = false;  ///< asked for; the server file decides
  std::optional<RepeatSpec> repeat = {};
  /// Globs of the files of its tests: the step runs once more on the code before. Empty = it does
  /// not.
  std::vector<std::string> regression_tests = {};
  bool operator==(const PipelineStep&) const = default;
};

struct Pipeline {
  ProjectName project;
  Triggers triggers;
  std::vector<PipelineStep> steps;  ///< in file order, names unique, needs without cycle
  bool operator==(const Pipeline&) const = default;

  /// nullptr when there is none of that name.
  [[nodiscard]] const PipelineStep* FindStep(std::string_view name) const;
};

inline constexpr std::string_view kPipelineFileName = "failgate.yaml";

/// The whole file or all its problems with their places. `file` is only for messages. Pure, but for
/// the names of time zones, which the machine's database knows; throws Error when it is not there.
[[nodiscard]] Parsed<Pipeline> ParsePipeline(std::string_view text, const std::string& file);

/// Names of all steps that `step` needs, directly or through others; unknown names are left out.
[[nodiscard]] std::set<std::string> TransitiveNeeds(const Pipeline& pipeline,
                                                    const PipelineStep& step);

}  // namespace failgate
