// Data: what a step says of the table it read, one strict JSON object.
#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string>

#include "controller/base/text.h"
#include "controller/evidence/dialects.h"
#include "policies/facts.h"
#include "policies/strict_json.h"

namespace failgate {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMaxNameBytes = 200;

bool IsName(const std::string& text) {
  return !text.empty() && text.size() <= kMaxNameBytes && EscapeControls(text) == text;
}

DataTable ReadTable(const Json& json) {
  JsonObjectReader reader(json, "the data report");
  DataTable table;
  table.rows = reader.Count("rows", kMaxFactCount);
  const Json& columns = ExpectObject(reader.Required("columns"), "columns");
  if (columns.size() > kMaxDataColumns) {
    throw JsonFault{fmt::format("there are more than {} columns", kMaxDataColumns)};
  }
  for (auto item = columns.begin(); item != columns.end(); ++item) {
    if (!IsName(item.key())) {
      throw JsonFault{"the name of a column is 1 to 200 bytes without control characters"};
    }
    const std::string name = fmt::format("column \"{}\"", item.key());
    JsonObjectReader column(item.value(), name);
    DataColumn read;
    read.type = column.String("type");
    read.nulls = column.Count("nulls", kMaxFactCount);
    column.Finish();
    if (!IsName(read.type)) {
      throw JsonFault{name + ": its type is 1 to 200 bytes without control characters"};
    }
    if (read.nulls > table.rows) {
      throw JsonFault{fmt::format("{} has {} nulls in {} rows", name, read.nulls, table.rows)};
    }
    table.columns[item.key()] = std::move(read);
  }
  reader.Finish();
  return table;
}

}  // namespace

Result<DataTable> ReadDataReport(std::string_view bytes) {
  try {
    DataTable table = ReadTable(ParseStrictJson(bytes));
    if (table.columns.empty()) {
      return Refusal{"report_empty", "the report names no column"};
    }
    return table;
  } catch (const JsonFault& fault) {
    return Refusal{"report_malformed", OneLine(fault.text)};
  }
}

}  // namespace failgate
