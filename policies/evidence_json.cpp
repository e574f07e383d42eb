// Evidence <-> JSON objects, as decisions and release records hold it.
#include <fmt/format.h>

#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "controller/base/error.h"
#include "policies/data_facts_object.h"
#include "policies/facts_object.h"
#include "policies/state_words.h"
#include "policies/strict_json.h"

namespace failgate {
namespace {

using nlohmann::json;

constexpr std::array<std::pair<EvidenceState, const char*>, 3> kEvidenceStates{
    {{EvidenceState::kPassed, "passed"},
     {EvidenceState::kFailed, "failed"},
     {EvidenceState::kSkipped, "skipped"}}};

json CoverageObject(const CoverageFigures& figures) {
  return {{"lines_covered", figures.lines_covered},
          {"lines_total", figures.lines_total},
          {"branches_covered", figures.branches_covered},
          {"branches_total", figures.branches_total}};
}

CoverageFigures ReadCoverage(const json& object) {
  JsonObjectReader reader(object, "coverage");
  CoverageFigures figures;
  figures.lines_total = reader.Count("lines_total", kMaxFactCount);
  figures.lines_covered = reader.Count("lines_covered", kMaxFactCount);
  figures.branches_total = reader.Count("branches_total", kMaxFactCount);
  figures.branches_covered = reader.Count("branches_covered", kMaxFactCount);
  reader.Finish();
  return figures;
}

json ChangedObject(const ChangedLines& changed) {
  return {{"since", changed.since.text()}, {"covered", changed.covered}, {"total", changed.total}};
}

ChangedLines ReadChanged(const json& object) {
  JsonObjectReader reader(object, "changed_lines");
  ChangedLines changed;
  changed.since = CommitId(reader.String("since"));
  changed.covered = reader.Count("covered", kMaxFactCount);
  changed.total = reader.Count("total", kMaxFactCount);
  reader.Finish();
  return changed;
}

json CasesObject(const CaseFigures& cases) {
  return {{"total", cases.total},
          {"not_given_when_then", cases.not_given_when_then},
          {"example", cases.example},
          {"real_calls", cases.real_calls}};
}

CaseFigures ReadCases(const json& object) {
  JsonObjectReader reader(object, "step.cases");
  CaseFigures cases;
  cases.total = reader.Count("total", kMaxFactCount);
  cases.not_given_when_then = reader.Count("not_given_when_then", kMaxFactCount);
  cases.example = reader.String("example");
  cases.real_calls = reader.Count("real_calls", kMaxFactCount);
  reader.Finish();
  return cases;
}

/// What is not known is left out: what was recorded before it was told keeps its bytes.
json StepObject(const StepEvidence& step) {
  json object = {{"name", step.name},
                 {"level", step.level},
                 {"state", WordIn(kEvidenceStates, step.state)},
                 {"tests", TestCountsObject(step.tests)}};
  if (!step.usecase.empty()) object["usecase"] = step.usecase;
  if (step.started) object["started"] = FormatTimeMilliseconds(*step.started);
  if (step.finished) object["finished"] = FormatTimeMilliseconds(*step.finished);
  if (step.cases) object["cases"] = CasesObject(*step.cases);
  if (step.repeated) object["repeated"] = RepeatObject(*step.repeated);
  if (step.regression) object["regression"] = RegressionObject(*step.regression);
  return object;
}

StepEvidence ReadStep(const json& object) {
  JsonObjectReader reader(object, "step");
  StepEvidence step;
  step.name = reader.String("name");
  step.level = reader.String("level");
  step.state = ValueIn(kEvidenceStates, reader.String("state"), "step");
  step.tests = TestCountsFromObject(reader.Required("tests"), "step.tests");
  if (reader.Optional("usecase") != nullptr) step.usecase = reader.String("usecase");
  step.started = reader.OptionalTime("started");
  step.finished = reader.OptionalTime("finished");
  if (const json* cases = reader.Optional("cases"); cases != nullptr) {
    step.cases = ReadCases(*cases);
  }
  if (const json* repeated = reader.Optional("repeated"); repeated != nullptr) {
    step.repeated = ReadRepeat(*repeated);
  }
  if (const json* regression = reader.Optional("regression"); regression != nullptr) {
    step.regression = ReadRegression(*regression);
  }
  reader.Finish();
  return step;
}

}  // namespace

json TestCountsObject(const TestCounts& counts) {
  return {{"passed", counts.passed},
          {"failed", counts.failed},
          {"errors", counts.errors},
          {"skipped", counts.skipped}};
}

TestCounts TestCountsFromObject(const json& object, const std::string& name) {
  JsonObjectReader reader(object, name);
  TestCounts counts;
  counts.passed = reader.Count("passed", kMaxFactCount);
  counts.failed = reader.Count("failed", kMaxFactCount);
  counts.errors = reader.Count("errors", kMaxFactCount);
  counts.skipped = reader.Count("skipped", kMaxFactCount);
  reader.Finish();
  return counts;
}

json MetricsObject(const std::map<std::string, double>& metrics) {
  json object = json::object();
  for (const auto& [name, value] : metrics) {
    if (!std::isfinite(value)) {
      throw Error(Remedy::kNeedsChange, fmt::format("writing facts: metric {} is no number", name));
    }
    object[name] = value;
  }
  return object;
}

std::map<std::string, double> MetricsFromObject(const json& object, const std::string& name) {
  std::map<std::string, double> metrics;
  for (const auto& item : ExpectObject(object, name).items()) {
    if (!item.value().is_number() || !std::isfinite(item.value().get<double>())) {
      throw JsonFault{name + "." + item.key() + " must be a finite number"};
    }
    metrics[item.key()] = item.value().get<double>();
  }
  return metrics;
}

json EvidenceToObject(const Evidence& evidence) {
  json object = {{"tests", json::object()}, {"steps", json::array()}};
  for (const auto& [level, counts] : evidence.tests)
    object["tests"][level] = TestCountsObject(counts);
  object["metrics"] = MetricsObject(evidence.metrics);
  for (const StepEvidence& step : evidence.steps) {
    object["steps"].push_back(StepObject(step));
  }
  if (evidence.coverage) object["coverage"] = CoverageObject(*evidence.coverage);
  if (evidence.changed_lines) object["changed_lines"] = ChangedObject(*evidence.changed_lines);
  for (const StepMeasurement& measured : evidence.measured) {
    object["measured"].push_back(MeasurementObject(measured));
  }
  if (evidence.data) object["data"] = DataEvidenceObject(*evidence.data);
  return object;
}

Evidence EvidenceFromObject(const json& object) {
  JsonObjectReader reader(object, "evidence");
  Evidence evidence;
  for (const auto& item : ExpectObject(reader.Required("tests"), "evidence.tests").items()) {
    evidence.tests[item.key()] = TestCountsFromObject(item.value(), "evidence.tests." + item.key());
  }
  evidence.metrics = MetricsFromObject(reader.Required("metrics"), "evidence.metrics");
  for (const json& item : ExpectArray(reader.Required("steps"), "evidence.steps")) {
    evidence.steps.push_back(ReadStep(item));
  }
  if (const json* coverage = reader.Optional("coverage"); coverage != nullptr) {
    evidence.coverage = ReadCoverage(*coverage);
  }
  if (const json* changed = reader.Optional("changed_lines"); changed != nullptr) {
    evidence.changed_lines = ReadChanged(*changed);
  }
  if (const json* measured = reader.Optional("measured"); measured != nullptr) {
    for (const json& item : ExpectArray(*measured, "evidence.measured")) {
      evidence.measured.push_back(ReadMeasurement(item));
    }
  }
  if (const json* data = reader.Optional("data"); data != nullptr) {
    evidence.data = ReadDataEvidence(*data);
  }
  reader.Finish();
  return evidence;
}

}  // namespace failgate
