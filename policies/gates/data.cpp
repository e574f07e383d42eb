#include "policies/gates/data.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "controller/base/text.h"
#include "policies/gates/counts.h"

namespace failgate {
namespace {

constexpr std::size_t kShownName = 80;
constexpr std::size_t kShownFaults = 5;

std::string Shown(const std::string& name) {
  return OneLine(name, kShownName);
}

bool AsksForTable(const DataGate& gate) {
  return gate.rows || gate.nulls || !gate.nulls_of.empty() || !gate.columns.empty() ||
         gate.same_as_champion;
}

bool IsBelievable(const DataTable& table) {
  return IsCount(table.rows) && !table.columns.empty() &&
         std::all_of(table.columns.begin(), table.columns.end(), [&](const auto& entry) {
           return IsCount(entry.second.nulls) && entry.second.nulls <= table.rows;
         });
}

/// The stricter of both bounds; nullopt: none is asked of the column.
std::optional<double> BoundOf(const DataGate& gate, const std::string& column) {
  const auto own = gate.nulls_of.find(column);
  if (own == gate.nulls_of.end()) return gate.nulls;
  return gate.nulls ? std::min(*gate.nulls, own->second) : own->second;
}

class Judgement {
 public:
  void Note(std::string text) { notes_.push_back(std::move(text)); }
  void Fault(std::string text) {
    if (++faults_ <= kShownFaults) texts_.push_back(std::move(text));
  }
  [[nodiscard]] bool passed() const { return faults_ == 0; }
  [[nodiscard]] std::string Text() const {
    if (passed()) return Join(notes_, "; ");
    std::string text = Join(texts_, "; ");
    if (faults_ > kShownFaults) text += fmt::format("; and {} more", faults_ - kShownFaults);
    return text;
  }

 private:
  std::vector<std::string> notes_;
  std::vector<std::string> texts_;
  std::size_t faults_ = 0;
};

void JudgePresence(const DataEvidence& data, Judgement& judged) {
  const auto& objects = data.objects;
  if (!objects) {
    judged.Fault("whether the data was all there was not recorded: run the pipeline again");
  } else if (!IsCount(objects->count) || !IsCount(objects->bytes)) {
    judged.Fault("the number of objects cannot be");
  } else if (objects->count == 0) {
    judged.Note("no data is kept outside of git");
  } else {
    judged.Note(fmt::format("{} objects present ({} bytes)", objects->count, objects->bytes));
  }
}

void JudgeNulls(const DataGate& gate, const DataTable& table, Judgement& judged) {
  for (const auto& bound : gate.nulls_of) {
    if (table.columns.count(bound.first) == 0) {
      judged.Fault(fmt::format("column {} is not there", Shown(bound.first)));
    }
  }
  for (const auto& [name, column] : table.columns) {
    const auto bound = BoundOf(gate, name);
    if (!bound) continue;
    // Written so that what is no number does not pass.
    if (static_cast<double>(column.nulls) <= *bound * static_cast<double>(table.rows)) continue;
    judged.Fault(fmt::format("column {} has {} nulls in {} rows, at most {} of 1 may be",
                             Shown(name),
                             column.nulls,
                             table.rows,
                             FormatNumber(*bound)));
  }
}

void JudgeColumns(const std::map<std::string, std::string>& wanted,
                  const DataTable& table,
                  Judgement& judged) {
  for (const auto& [name, type] : wanted) {
    const auto found = table.columns.find(name);
    if (found == table.columns.end()) {
      judged.Fault(fmt::format("column {} is not there", Shown(name)));
    } else if (!type.empty() && found->second.type != type) {
      judged.Fault(fmt::format(
          "column {} is {}, not {}", Shown(name), Shown(found->second.type), Shown(type)));
    }
  }
}

void JudgeSchema(const Facts& facts, const DataTable& table, Judgement& judged) {
  if (facts.rollback) {
    // The release to be left is no measure for the way back.
    judged.Note("schema not compared on the way back");
    return;
  }
  if (!facts.running) {
    judged.Note("no champion yet to compare the schema with");
    return;
  }
  const auto& champion = facts.champion_data;
  if (!champion || champion->columns.empty() || champion->release != facts.running->text()) {
    judged.Fault(fmt::format("{} runs here and has no data report to compare the schema with",
                             Shown(facts.running->text())));
    return;
  }
  JudgeColumns(champion->columns, table, judged);
  for (const auto& column : table.columns) {
    if (champion->columns.count(column.first) == 0) {
      judged.Fault(
          fmt::format("column {} is not in {}", Shown(column.first), Shown(champion->release)));
    }
  }
  judged.Note(fmt::format("schema of {}", Shown(champion->release)));
}

}  // namespace

GateVerdict EvaluateData(const DataGate& gate, const Facts& facts) {
  GateVerdict verdict{"data", gate.mode, Verdict::kFail, {}, std::nullopt};
  const DataEvidence data = facts.evidence.data.value_or(DataEvidence());
  Judgement judged;
  if (gate.present) JudgePresence(data, judged);
  if (AsksForTable(gate)) {
    if (!data.table) {
      judged.Fault("no step reported data: write `reports: {data: FILE}` in the pipeline");
    } else if (!IsBelievable(*data.table)) {
      judged.Fault("the data report cannot be: more nulls than rows, or no column");
    } else {
      const DataTable& table = *data.table;
      if (table.rows == 0) judged.Fault("the table has no rows");
      if (gate.rows && table.rows < *gate.rows) {
        judged.Fault(fmt::format("{} rows, at least {} are needed", table.rows, *gate.rows));
      }
      judged.Note(fmt::format("{} rows, {} columns", table.rows, table.columns.size()));
      JudgeNulls(gate, table, judged);
      JudgeColumns(gate.columns, table, judged);
      if (gate.same_as_champion) JudgeSchema(facts, table, judged);
    }
  }
  if (!gate.present && !AsksForTable(gate)) judged.Fault("nothing is asked for");
  verdict.verdict = judged.passed() ? Verdict::kPass : Verdict::kFail;
  verdict.reason = OneLine(judged.Text());
  return verdict;
}

}  // namespace failgate
