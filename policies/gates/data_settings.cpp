#include <fmt/format.h>

#include "controller/base/text.h"
#include "policies/gates/data.h"

namespace failgate {
namespace {

constexpr std::size_t kShownName = 80;

std::string Shown(const std::string& name) {
  return OneLine(name, kShownName);
}

void ReadRows(const YamlNode* node, DataSettings& settings, ProblemSink& problems) {
  if (node == nullptr) return;
  MappingReader reader(*node, "gates.data.rows", problems);
  static_cast<void>(reader.Required("at_least"));
  settings.rows = WrittenAt(node->Find("at_least"), reader.Integer("at_least", 1, kMaxFactCount));
  reader.Finish();
}

void ReadNulls(const YamlNode* node, DataSettings& settings, ProblemSink& problems) {
  if (node == nullptr) return;
  MappingReader reader(*node, "gates.data.nulls", problems);
  settings.nulls = WrittenAt(node->Find("at_most"), reader.Number("at_most", 0, 1));
  if (const YamlNode* columns = reader.Optional("columns"); columns != nullptr) {
    MappingReader each(*columns, "gates.data.nulls.columns", problems);
    for (const YamlNode::Entry& entry : columns->entries) {
      const auto rate = WrittenAt(&entry.value, each.Number(entry.key.scalar, 0, 1));
      if (rate) settings.nulls_of.emplace(entry.key.scalar, *rate);
    }
    each.Finish();
  } else if (node->Find("at_most") == nullptr) {
    problems.Add(*node, "gates.data.nulls needs at_most or columns");
  }
  reader.Finish();
}

void ReadColumns(const YamlNode* node, DataSettings& settings, ProblemSink& problems) {
  if (node == nullptr) return;
  const bool typed = node->kind == YamlNode::Kind::kMapping;
  const std::size_t count = typed ? node->entries.size() : node->items.size();
  if ((!typed && node->kind != YamlNode::Kind::kSequence) || count == 0 ||
      count > kMaxDataColumns) {
    problems.Add(*node,
                 fmt::format("gates.data.columns must be a list of 1 to {} names, or a mapping of "
                             "names to types",
                             kMaxDataColumns));
    return;
  }
  for (const YamlNode& item : node->items) {
    if (const auto name = ReadString(item, "a name in gates.data.columns", problems)) {
      settings.columns[*name] = {"", item.line, item.column};
    }
  }
  for (const YamlNode::Entry& entry : node->entries) {
    const auto type = ReadString(entry.value, "the type of " + Shown(entry.key.scalar), problems);
    if (type) settings.columns[entry.key.scalar] = {*type, entry.value.line, entry.value.column};
  }
}

void MergeColumns(const DataSettings& settings, DataGate& merged, MergeProblems& problems) {
  for (const auto& [name, written] : settings.columns) {
    std::string& type = merged.columns[name];
    if (!type.empty() && !written.value.empty() && written.value != type) {
      problems.AddLoosening(written.line,
                            written.column,
                            fmt::format("data: column {} {}", Shown(name), Shown(written.value)),
                            fmt::format("{}: {}", Shown(name), Shown(type)));
    }
    if (!written.value.empty()) type = written.value;
  }
}

void MergeNulls(const DataSettings& settings, DataGate& merged, MergeProblems& problems) {
  if (settings.nulls) {
    if (merged.nulls && settings.nulls->value > *merged.nulls) {
      problems.AddLoosening(
          settings.nulls->line,
          settings.nulls->column,
          fmt::format("data: nulls at_most {}", FormatNumber(settings.nulls->value)),
          fmt::format("at_most: {}", FormatNumber(*merged.nulls)));
    }
    merged.nulls = settings.nulls->value;
  }
  for (const auto& [name, written] : settings.nulls_of) {
    const auto known = merged.nulls_of.find(name);
    if (known != merged.nulls_of.end() && written.value > known->second) {
      problems.AddLoosening(
          written.line,
          written.column,
          fmt::format("data: nulls of {} {}", Shown(name), FormatNumber(written.value)),
          fmt::format("{}: {}", Shown(name), FormatNumber(known->second)));
    }
    merged.nulls_of[name] = written.value;
  }
}

bool AsksNothing(const DataGate& gate) {
  return !gate.present && !gate.rows && !gate.nulls && gate.nulls_of.empty() &&
         gate.columns.empty() && !gate.same_as_champion;
}

}  // namespace

DataSettings ReadDataSettings(const YamlNode& node, ProblemSink& problems) {
  DataSettings settings;
  settings.line = node.line;
  settings.column = node.column;
  MappingReader reader(node, "gates.data", problems);
  settings.mode = ReadMode(reader, node);
  settings.present = WrittenAt(node.Find("present"), reader.Bool("present"));
  ReadRows(reader.Optional("rows"), settings, problems);
  ReadNulls(reader.Optional("nulls"), settings, problems);
  ReadColumns(reader.Optional("columns"), settings, problems);
  if (const auto schema = reader.OneOf("schema", {"champion", "any"})) {
    settings.same_as_champion =
        WrittenAt(node.Find("schema"), std::optional<bool>(*schema == "champion"));
  }
  reader.Finish();
  return settings;
}

DataGate MergeData(const DataGate* floor, const DataSettings& settings, MergeProblems& problems) {
  DataGate merged;
  if (floor != nullptr) {
    merged = *floor;
    problems.CheckMode("data", floor->mode, settings.mode);
  }
  merged.mode = settings.mode.mode;
  if (settings.present) {
    if (floor != nullptr && floor->present && !settings.present->value) {
      problems.AddLoosening(
          settings.present->line, settings.present->column, "data: present false", "present: true");
    }
    merged.present = settings.present->value;
  }
  if (settings.rows) {
    if (merged.rows && settings.rows->value < *merged.rows) {
      problems.AddLoosening(settings.rows->line,
                            settings.rows->column,
                            fmt::format("data: rows at_least {}", settings.rows->value),
                            fmt::format("at_least: {}", *merged.rows));
    }
    merged.rows = settings.rows->value;
  }
  MergeNulls(settings, merged, problems);
  MergeColumns(settings, merged, problems);
  if (settings.same_as_champion) {
    if (merged.same_as_champion && !settings.same_as_champion->value) {
      problems.AddLoosening(settings.same_as_champion->line,
                            settings.same_as_champion->column,
                            "data: schema any",
                            "schema: champion");
    }
    merged.same_as_champion = settings.same_as_champion->value;
  }
  if (AsksNothing(merged)) {
    problems.Add(settings.line,
                 settings.column,
                 "gate data asks for nothing: write present, rows, nulls, columns or schema");
  }
  return merged;
}

}  // namespace failgate
