#include <array>

#include "controller/pipeline/pipeline_file.h"

namespace failgate {
namespace {

template <typename Word, std::size_t kCount>
std::optional<Word> FindWord(const std::array<Word, kCount>& words, std::string_view text) {
  for (const Word word : words) {
    if (ToText(word) == text) {
      return word;
    }
  }
  return std::nullopt;
}

}  // namespace

std::string_view ToText(StepLevel level) {
  switch (level) {
    case StepLevel::kUnit:
      return "unit";
    case StepLevel::kBuild:
      return "build";
    case StepLevel::kIntegration:
      return "integration";
    case StepLevel::kTrain:
      return "train";
    case StepLevel::kFunctional:
      return "functional";
  }
  return "";
}

std::string_view ToText(TrainingMode mode) {
  switch (mode) {
    case TrainingMode::kDegraded:
      return "degraded";
    case TrainingMode::kFull:
      return "full";
  }
  return "";
}

std::string_view ToText(TriggerKind trigger) {
  switch (trigger) {
    case TriggerKind::kCode:
      return "code";
    case TriggerKind::kData:
      return "data";
    case TriggerKind::kSchedule:
      return "schedule";
    case TriggerKind::kManual:
      return "manual";
    case TriggerKind::kCheck:
      return "check";
  }
  return "";
}

std::string_view ToText(StepShell shell) {
  switch (shell) {
    case StepShell::kSh:
      return "sh";
    case StepShell::kBash:
      return "bash";
  }
  return "";
}

std::optional<StepLevel> ParseStepLevel(std::string_view text) {
  return FindWord(std::array{StepLevel::kUnit,
                             StepLevel::kBuild,
                             StepLevel::kIntegration,
                             StepLevel::kTrain,
                             StepLevel::kFunctional},
                  text);
}

std::optional<TrainingMode> ParseTrainingMode(std::string_view text) {
  return FindWord(std::array{TrainingMode::kDegraded, TrainingMode::kFull}, text);
}

std::optional<TriggerKind> ParseTriggerKind(std::string_view text) {
  return FindWord(std::array{TriggerKind::kCode,
                             TriggerKind::kData,
                             TriggerKind::kSchedule,
                             TriggerKind::kManual,
                             TriggerKind::kCheck},
                  text);
}

}  // namespace failgate
