// Facts <-> JSON objects, shared by the files that write whole texts. Used by *_json.cpp only.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "policies/facts.h"

namespace failgate {

/// Throws Error for a metric that is not finite.
[[nodiscard]] nlohmann::json FactsObject(const Facts& facts);
/// Throws JsonFault.
[[nodiscard]] Facts ReadFactsObject(const nlohmann::json& object);

/// As parts of the evidence of a step.
[[nodiscard]] nlohmann::json RepeatObject(const RepeatEvidence& repeat);
[[nodiscard]] RepeatEvidence ReadRepeat(const nlohmann::json& object);
[[nodiscard]] nlohmann::json RegressionObject(const RegressionEvidence& regression);
[[nodiscard]] RegressionEvidence ReadRegression(const nlohmann::json& object);

/// As parts of evidence and facts. Throw Error for a metric that is not finite, and JsonFault.
[[nodiscard]] nlohmann::json ConsistencyObject(const ConsistencyFigures& figures);
[[nodiscard]] ConsistencyFigures ReadConsistency(const nlohmann::json& object,
                                                 const std::string& name);
[[nodiscard]] nlohmann::json MeasurementObject(const StepMeasurement& measured);
[[nodiscard]] StepMeasurement ReadMeasurement(const nlohmann::json& object);
[[nodiscard]] nlohmann::json ModelFactsObject(const ModelFacts& models);
[[nodiscard]] ModelFacts ReadModelFacts(const nlohmann::json& object);

/// As part of a release record. Throws Error for a metric that is not finite.
[[nodiscard]] nlohmann::json EvidenceToObject(const Evidence& evidence);
/// Throws JsonFault.
[[nodiscard]] Evidence EvidenceFromObject(const nlohmann::json& object);

/// {"passed", "failed", "errors", "skipped"}
[[nodiscard]] nlohmann::json TestCountsObject(const TestCounts& counts);
/// Throws JsonFault; `name` is for its text.
[[nodiscard]] TestCounts TestCountsFromObject(const nlohmann::json& object,
                                              const std::string& name);

/// Throws Error for a metric that is not finite.
[[nodiscard]] nlohmann::json MetricsObject(const std::map<std::string, double>& metrics);
/// Throws JsonFault.
[[nodiscard]] std::map<std::string, double> MetricsFromObject(const nlohmann::json& object,
                                                              const std::string& name);

}  // namespace failgate
