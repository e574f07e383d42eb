#include "controller/pipeline/step_environment.h"

#include <map>

namespace failgate {

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
  return {variables.begin(), variables.end()};
}

}  // namespace failgate
