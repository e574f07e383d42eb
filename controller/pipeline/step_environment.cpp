#include "controller/pipeline/step_environment.h"

#include <algorithm>
#include <cstdlib>
#include <map>

namespace failgate {
namespace {

/// What GTEST_RANDOM_SEED takes; every other tool takes more.
constexpr unsigned long kSeeds = 99999;

bool IsListOfOptions(const std::string& name) {
  return name == "PYTEST_ADDOPTS" || name == "GOFLAGS";
}

}  // namespace

EnvironmentList StepEnvironment(const Run& run,
                                const StepFacts& facts,
                                const EnvironmentList& step_env) {
  std::map<std::string, std::string> variables;
  for (const auto& entry : step_env) {
    variables[entry.first] = entry.second;
  }
  variables["CI"] = "true";
  variables["FAILGATE_PROJECT"] = run.project.text();
  variables["FAILGATE_REVISION"] = run.revision.text();
  variables["FAILGATE_DATA_VERSION"] = run.data_version;
  variables["FAILGATE_TRIGGER"] = std::string(Word(run.trigger));
  variables["FAILGATE_TRAINING"] = std::string(ToText(facts.training));
  variables["FAILGATE_OUTPUT"] = facts.output_file;
  // Absent means: there is no champion. A pipeline must not be able to pretend one.
  variables.erase("FAILGATE_CHAMPION");
  if (facts.champion) {
    variables["FAILGATE_CHAMPION"] = *facts.champion;
  }
  variables.erase("FAILGATE_CHECKPOINTS");
  if (facts.checkpoints) {
    variables["FAILGATE_CHECKPOINTS"] = *facts.checkpoints;
  }
  return {variables.begin(), variables.end()};
}

EnvironmentList OverlayVariables(EnvironmentList env, const EnvironmentList& more) {
  for (const auto& entry : more) {
    const auto known = std::find_if(
        env.begin(), env.end(), [&](const auto& one) { return one.first == entry.first; });
    if (known == env.end()) {
      env.push_back(entry);
    } else if (IsListOfOptions(entry.first) && !known->second.empty()) {
      known->second += " " + entry.second;
    } else {
      known->second = entry.second;
    }
  }
  return env;
}

EnvironmentList RepeatVariables(const RepeatSpec& spec, const CommitId& revision) {
  constexpr std::size_t kDigits = 8;
  constexpr int kHexadecimal = 16;
  const unsigned long number =
      std::strtoul(revision.text().substr(0, kDigits).c_str(), nullptr, kHexadecimal);
  const std::string seed = std::to_string(1 + number % kSeeds);
  EnvironmentList env{{"FAILGATE_REPEAT", "1"}, {"FAILGATE_SHUFFLE_SEED", seed}};
  switch (spec.shuffle) {
    case Shuffle::kNone:
    case Shuffle::kByItself:
      break;
    case Shuffle::kPytestRandomly:
      env.emplace_back("PYTEST_ADDOPTS", "--randomly-seed=" + seed);
      break;
    case Shuffle::kPytestRandomOrder:
      env.emplace_back("PYTEST_ADDOPTS", "--random-order --random-order-seed=" + seed);
      break;
    case Shuffle::kGoogleTest:
      env.emplace_back("GTEST_SHUFFLE", "1");
      env.emplace_back("GTEST_RANDOM_SEED", seed);
      break;
    case Shuffle::kGo:
      env.emplace_back("GOFLAGS", "-shuffle=" + seed);
      break;
  }
  return env;
}

}  // namespace failgate
