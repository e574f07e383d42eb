#include "policies/sonar_facts_json.h"

#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "policies/facts.h"
#include "policies/state_words.h"
#include "policies/strict_json.h"

namespace failgate {
namespace {

using nlohmann::json;

constexpr std::array<std::pair<SonarState, const char*>, 5> kSonarStates{
    {{SonarState::kNotConfigured, "not-configured"},
     {SonarState::kNotAsked, "not-asked"},
     {SonarState::kUnreachable, "unreachable"},
     {SonarState::kNotAnalysed, "not-analysed"},
     {SonarState::kAnalysed, "analysed"}}};

}  // namespace

json SonarFactObject(const SonarFact& fact) {
  json object = {{"project", fact.project},
                 {"branch", fact.branch},
                 {"revision", fact.revision.text()},
                 {"state", WordIn(kSonarStates, fact.state)},
                 {"analysis", fact.analysis},
                 {"analysed", fact.analysed.text()},
                 {"status", fact.status},
                 {"failed", fact.failed},
                 {"more_failed", fact.more_failed},
                 {"trouble", fact.trouble}};
  if (fact.analysed_at) object["analysed_at"] = FormatTimeMilliseconds(*fact.analysed_at);
  if (fact.asked_at) object["asked_at"] = FormatTimeMilliseconds(*fact.asked_at);
  return object;
}

SonarFact ReadSonarFact(const json& object) {
  JsonObjectReader reader(object, "sonar");
  SonarFact fact;
  fact.project = reader.String("project");
  fact.branch = reader.String("branch");
  fact.revision = CommitId(reader.String("revision"));
  fact.state = ValueIn(kSonarStates, reader.String("state"), "sonar");
  fact.analysis = reader.String("analysis");
  fact.analysed = CommitId(reader.String("analysed"));
  fact.status = reader.String("status");
  for (const json& condition : ExpectArray(reader.Required("failed"), "sonar.failed")) {
    fact.failed.push_back(ExpectString(condition, "sonar.failed"));
  }
  fact.more_failed = reader.Count("more_failed", kMaxFactCount);
  fact.trouble = reader.String("trouble");
  fact.analysed_at = reader.OptionalTime("analysed_at");
  fact.asked_at = reader.OptionalTime("asked_at");
  reader.Finish();
  return fact;
}

}  // namespace failgate
