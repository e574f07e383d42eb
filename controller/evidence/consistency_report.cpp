// Consistency of a model: one JSON object, read as strictly as our own.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "controller/base/text.h"
#include "controller/evidence/dialects.h"
#include "policies/facts_object.h"
#include "policies/strict_json.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxNameBytes = 200;

void CheckName(const std::string& name) {
  if (name.empty() || name.size() > kMaxNameBytes || EscapeControls(name) != name) {
    throw JsonFault{"a name or type is 1 to 200 bytes without control characters"};
  }
}

void CheckSchema(const std::vector<SchemaField>& schema) {
  if (schema.size() > kMaxSchemaFields) throw JsonFault{"the schema has too many fields"};
  std::set<std::string> names;
  for (const SchemaField& field : schema) {
    CheckName(field.name);
    CheckName(field.type);
    if (!names.insert(field.name).second) {
      throw JsonFault{"field " + field.name + " is there twice"};
    }
  }
}

}  // namespace

Result<ConsistencyFigures> ReadConsistencyReport(std::string_view bytes) {
  try {
    ConsistencyFigures figures = ReadConsistency(ParseStrictJson(bytes), "report");
    CheckSchema(figures.schema);
    CheckSchema(figures.champion_schema);
    if (figures.rerun.size() > kMaxMetrics) throw JsonFault{"rerun has too many metrics"};
    for (const auto& metric : figures.rerun) CheckName(metric.first);
    if (figures == ConsistencyFigures()) {
      return Refusal{"report_empty", "the report tells nothing of consistency"};
    }
    return figures;
  } catch (const JsonFault& fault) {
    return Refusal{"report_malformed", OneLine(fault.text)};
  }
}

}  // namespace failgate
