#include "policies/gates/registry.h"

#include "policies/gates/after.h"
#include "policies/gates/checks.h"
#include "policies/gates/judged.h"

namespace failgate {
namespace {

template <typename T>
const T* Pointer(const std::optional<T>& value) {
  return value ? &*value : nullptr;
}

/// A rollback must not wait for the rung before, nor for people to gather.
GateVerdict NotAsked(const std::string& gate) {
  return {gate, GateMode::kEnforce, Verdict::kPass, "not asked of a rollback", std::nullopt};
}

GateEntry AfterEntry() {
  return {"after",
          nullptr,
          nullptr,
          [](const Policy& policy, const Facts& facts, std::vector<GateVerdict>& verdicts) {
            if (!policy.after) return;
            verdicts.push_back(facts.rollback ? NotAsked("after")
                                              : EvaluateAfter(*policy.after, facts));
          },
          AfterIsJudged};
}

GateEntry SoakEntry() {
  return {
      "soak",
      [](const YamlNode& node, ProblemSink& problems, GateSettings& settings) {
        settings.soak = ReadSoakSettings(node, problems);
      },
      [](const GateSettings& settings, Policy& policy, MergeProblems& problems) {
        if (!settings.soak) return;
        policy.soak = MergeSoak(Pointer(policy.soak), *settings.soak, problems);
      },
      [](const Policy& policy, const Facts& facts, std::vector<GateVerdict>& verdicts) {
        if (!policy.soak) return;
        verdicts.push_back(facts.rollback ? NotAsked("soak") : EvaluateSoak(*policy.soak, facts));
      },
      SoakIsJudged};
}

GateEntry TestsEntry() {
  return {"tests",
          [](const YamlNode& node, ProblemSink& problems, GateSettings& settings) {
            settings.tests = ReadTestsSettings(node, problems);
          },
          [](const GateSettings& settings, Policy& policy, MergeProblems& problems) {
            if (!settings.tests) return;
            policy.tests = MergeTests(Pointer(policy.tests), *settings.tests, problems);
          },
          [](const Policy& policy, const Facts& facts, std::vector<GateVerdict>& verdicts) {
            if (policy.tests) verdicts.push_back(EvaluateTests(*policy.tests, facts));
          },
          TestsAreJudged};
}

GateEntry CoverageEntry() {
  return {"coverage",
          [](const YamlNode& node, ProblemSink& problems, GateSettings& settings) {
            settings.coverage = ReadCoverageSettings(node, problems);
          },
          [](const GateSettings& settings, Policy& policy, MergeProblems& problems) {
            if (!settings.coverage) return;
            policy.coverage = MergeCoverage(Pointer(policy.coverage), *settings.coverage, problems);
          },
          [](const Policy& policy, const Facts& facts, std::vector<GateVerdict>& verdicts) {
            if (policy.coverage) verdicts.push_back(EvaluateCoverage(*policy.coverage, facts));
          },
          CoverageIsJudged};
}

GateEntry MaxDurationEntry() {
  return {"max_duration",
          [](const YamlNode& node, ProblemSink& problems, GateSettings& settings) {
            settings.max_duration = ReadMaxDurationSettings(node, problems);
          },
          [](const GateSettings& settings, Policy& policy, MergeProblems& problems) {
            if (!settings.max_duration) return;
            policy.max_duration =
                MergeMaxDuration(Pointer(policy.max_duration), *settings.max_duration, problems);
          },
          [](const Policy& policy, const Facts& facts, std::vector<GateVerdict>& verdicts) {
            if (!policy.max_duration) return;
            verdicts.push_back(EvaluateMaxDuration(*policy.max_duration, facts));
          },
          MaxDurationIsJudged};
}

GateEntry RepeatableEntry() {
  return {"repeatable",
          [](const YamlNode& node, ProblemSink& problems, GateSettings& settings) {
            settings.repeatable = ReadRepeatableSettings(node, problems);
          },
          [](const GateSettings& settings, Policy& policy, MergeProblems& problems) {
            if (!settings.repeatable) return;
            policy.repeatable =
                MergeRepeatable(Pointer(policy.repeatable), *settings.repeatable, problems);
          },
          [](const Policy& policy, const Facts& facts, std::vector<GateVerdict>& verdicts) {
            if (policy.repeatable)
              verdicts.push_back(EvaluateRepeatable(*policy.repeatable, facts));
          },
          RepeatableIsJudged};
}

GateEntry RegressionTestEntry() {
  return {"regression_test",
          [](const YamlNode& node, ProblemSink& problems, GateSettings& settings) {
            settings.regression_test = ReadRegressionTestSettings(node, problems);
          },
          [](const GateSettings& settings, Policy& policy, MergeProblems& problems) {
            if (!settings.regression_test) return;
            policy.regression_test = MergeRegressionTest(
                Pointer(policy.regression_test), *settings.regression_test, problems);
          },
          [](const Policy& policy, const Facts& facts, std::vector<GateVerdict>& verdicts) {
            if (!policy.regression_test) return;
            verdicts.push_back(EvaluateRegressionTest(*policy.regression_test, facts));
          },
          RegressionTestIsJudged};
}

GateEntry SignedEntry() {
  return {"signed",
          [](const YamlNode& node, ProblemSink& problems, GateSettings& settings) {
            settings.signed_commits = ReadSignedSettings(node, problems);
          },
          [](const GateSettings& settings, Policy& policy, MergeProblems& problems) {
            if (!settings.signed_commits) return;
            policy.signed_commits =
                MergeSigned(Pointer(policy.signed_commits), *settings.signed_commits, problems);
          },
          [](const Policy& policy, const Facts& facts, std::vector<GateVerdict>& verdicts) {
            if (!policy.signed_commits) return;
            verdicts.push_back(facts.rollback ? NotAsked("signed")
                                              : EvaluateSigned(*policy.signed_commits, facts));
          },
          SignedIsJudged};
}

GateEntry ArtifactsEntry() {
  return {"artifacts",
          [](const YamlNode& node, ProblemSink& problems, GateSettings& settings) {
            settings.artifacts = ReadArtifactsSettings(node, problems);
          },
          [](const GateSettings& settings, Policy& policy, MergeProblems& problems) {
            if (!settings.artifacts) return;
            policy.artifacts =
                MergeArtifacts(Pointer(policy.artifacts), *settings.artifacts, problems);
          },
          [](const Policy& policy, const Facts& facts, std::vector<GateVerdict>& verdicts) {
            if (!policy.artifacts) return;
            verdicts.push_back(EvaluateArtifacts(*policy.artifacts, facts));
          },
          ArtifactsAreJudged};
}

GateEntry RequirementsEntry() {
  return {"requirements",
          [](const YamlNode& node, ProblemSink& problems, GateSettings& settings) {
            settings.requirements = ReadRequirementsSettings(node, problems);
          },
          [](const GateSettings& settings, Policy& policy, MergeProblems& problems) {
            if (!settings.requirements) return;
            policy.requirements =
                MergeRequirements(Pointer(policy.requirements), *settings.requirements, problems);
          },
          [](const Policy& policy, const Facts& facts, std::vector<GateVerdict>& verdicts) {
            if (!policy.requirements) return;
            verdicts.push_back(EvaluateRequirements(*policy.requirements, facts));
          },
          RequirementsAreJudged};
}

GateEntry SonarEntry() {
  return {"sonar",
          [](const YamlNode& node, ProblemSink& problems, GateSettings& settings) {
            settings.sonar = ReadSonarSettings(node, problems);
          },
          [](const GateSettings& settings, Policy& policy, MergeProblems& problems) {
            if (!settings.sonar) return;
            policy.sonar = MergeSonar(Pointer(policy.sonar), *settings.sonar, problems);
          },
          [](const Policy& policy, const Facts& facts, std::vector<GateVerdict>& verdicts) {
            if (policy.sonar) verdicts.push_back(EvaluateSonar(*policy.sonar, facts));
          },
          SonarIsJudged};
}

GateEntry ModelEntry() {
  return {"model",
          [](const YamlNode& node, ProblemSink& problems, GateSettings& settings) {
            settings.model = ReadModelSettings(node, problems);
          },
          [](const GateSettings& settings, Policy& policy, MergeProblems& problems) {
            if (!settings.model) return;
            policy.model = MergeModel(Pointer(policy.model), *settings.model, problems);
          },
          [](const Policy& policy, const Facts& facts, std::vector<GateVerdict>& verdicts) {
            if (!policy.model) return;
            verdicts.push_back(
                facts.rollback
                    ? NotAsked("model")
                    : EvaluateModel(
                          *policy.model, policy.checks.before, Pointer(policy.approvals), facts));
          },
          [](const Policy& policy, const Facts& facts) {
            return ModelIsJudged(*policy.model, policy.checks.before, facts);
          }};
}

GateEntry ConsistencyEntry() {
  return {"consistency",
          [](const YamlNode& node, ProblemSink& problems, GateSettings& settings) {
            settings.consistency = ReadConsistencySettings(node, problems);
          },
          [](const GateSettings& settings, Policy& policy, MergeProblems& problems) {
            if (!settings.consistency) return;
            policy.consistency =
                MergeConsistency(Pointer(policy.consistency), *settings.consistency, problems);
          },
          [](const Policy& policy, const Facts& facts, std::vector<GateVerdict>& verdicts) {
            if (!policy.consistency) return;
            verdicts.push_back(EvaluateConsistency(*policy.consistency, facts));
          },
          [](const Policy& policy, const Facts& facts) {
            return ConsistencyIsJudged(*policy.consistency, facts);
          }};
}

GateEntry StabilityEntry() {
  return {"stability",
          [](const YamlNode& node, ProblemSink& problems, GateSettings& settings) {
            settings.stability = ReadStabilitySettings(node, problems);
          },
          [](const GateSettings& settings, Policy& policy, MergeProblems& problems) {
            if (!settings.stability) return;
            policy.stability =
                MergeStability(Pointer(policy.stability), *settings.stability, problems);
          },
          [](const Policy& policy, const Facts& facts, std::vector<GateVerdict>& verdicts) {
            if (!policy.stability) return;
            verdicts.push_back(EvaluateStability(*policy.stability, policy.checks.before, facts));
          },
          [](const Policy& policy, const Facts& facts) {
            return StabilityIsJudged(*policy.stability, policy.checks.before, facts);
          }};
}

GateEntry DataEntry() {
  return {"data",
          [](const YamlNode& node, ProblemSink& problems, GateSettings& settings) {
            settings.data = ReadDataSettings(node, problems);
          },
          [](const GateSettings& settings, Policy& policy, MergeProblems& problems) {
            if (!settings.data) return;
            policy.data = MergeData(Pointer(policy.data), *settings.data, problems);
          },
          [](const Policy& policy, const Facts& facts, std::vector<GateVerdict>& verdicts) {
            if (policy.data) verdicts.push_back(EvaluateData(*policy.data, facts));
          },
          DataIsJudged};
}

GateEntry ChecksEntry() {
  return {"checks",
          nullptr,
          nullptr,
          [](const Policy& policy, const Facts& facts, std::vector<GateVerdict>& verdicts) {
            const auto& before = policy.checks.before;
            if (!before.empty()) verdicts.push_back(EvaluateChecks(before, facts));
          },
          [](const Policy& policy, const Facts& facts) {
            return ChecksEnded(policy.checks.before, facts);
          }};
}

GateEntry CommandEntry() {
  return {"command",
          [](const YamlNode& node, ProblemSink& problems, GateSettings& settings) {
            settings.commands = ReadCommandSettings(node, problems);
          },
          [](const GateSettings& settings, Policy& policy, MergeProblems& problems) {
            policy.commands = MergeCommands(policy.commands, settings.commands, problems);
          },
          [](const Policy& policy, const Facts& facts, std::vector<GateVerdict>& verdicts) {
            EvaluateCommands(policy.commands, facts, verdicts);
          },
          [](const Policy& policy, const Facts& facts) {
            return CommandsAnswered(policy.commands, facts);
          },
          true};
}

GateEntry ApprovalsEntry() {
  return {"approvals",
          [](const YamlNode& node, ProblemSink& problems, GateSettings& settings) {
            settings.approvals = ReadApprovalsSettings(node, problems);
          },
          [](const GateSettings& settings, Policy& policy, MergeProblems& problems) {
            if (!settings.approvals) return;
            policy.approvals =
                MergeApprovals(Pointer(policy.approvals), *settings.approvals, problems);
          },
          [](const Policy& policy, const Facts& facts, std::vector<GateVerdict>& verdicts) {
            if (!policy.approvals) return;
            verdicts.push_back(facts.rollback ? NotAsked("approvals")
                                              : EvaluateApprovals(*policy.approvals, facts));
          },
          ApprovalsAreJudged};
}

GateEntry WindowEntry() {
  return {"window",
          [](const YamlNode& node, ProblemSink& problems, GateSettings& settings) {
            settings.window = ReadWindowSettings(node, problems);
          },
          [](const GateSettings& settings, Policy& policy, MergeProblems& problems) {
            if (!settings.window) return;
            policy.window = MergeWindow(Pointer(policy.window), *settings.window, problems);
          },
          [](const Policy& policy, const Facts& facts, std::vector<GateVerdict>& verdicts) {
            if (!policy.window) return;
            verdicts.push_back(facts.rollback ? NotAsked("window")
                                              : EvaluateWindow(*policy.window, facts));
          },
          WindowIsJudged};
}

}  // namespace

const std::vector<GateEntry>& GateRegistry() {
  static const std::vector<GateEntry> kGates = {AfterEntry(),
                                                SoakEntry(),
                                                TestsEntry(),
                                                CoverageEntry(),
                                                MaxDurationEntry(),
                                                RepeatableEntry(),
                                                RegressionTestEntry(),
                                                SignedEntry(),
                                                ArtifactsEntry(),
                                                RequirementsEntry(),
                                                SonarEntry(),
                                                DataEntry(),
                                                ChecksEntry(),
                                                ModelEntry(),
                                                ConsistencyEntry(),
                                                StabilityEntry(),
                                                CommandEntry(),
                                                ApprovalsEntry(),
                                                WindowEntry()};
  return kGates;
}

}  // namespace failgate
