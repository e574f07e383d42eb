#include "controller/evidence/report_comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "controller/base/text.h"

namespace failgate {
namespace {

constexpr std::size_t kShownName = 200;

using CaseName = std::pair<std::string, std::string>;  // class, name
using Cases = std::map<CaseName, std::vector<CaseOutcome>>;

struct Collected {
  Cases cases;
  std::map<std::string, double> metrics;
  long long total = 0;
  bool all_listed = true;
};

Collected Collect(const std::vector<Report>& reports) {
  Collected collected;
  for (const Report& report : reports) {
    if (report.kind == ReportKind::kMetrics) {
      collected.metrics.insert(report.metrics.begin(), report.metrics.end());
    }
    if (report.kind != ReportKind::kTests) {
      continue;
    }
    collected.total += report.tests.total();
    collected.all_listed =
        collected.all_listed &&
        report.tests.total() == static_cast<long long>(report.tests.cases.size());
    for (const TestCase& one : report.tests.cases) {
      collected.cases[{one.class_name, one.name}].push_back(one.outcome);
    }
  }
  for (auto& entry : collected.cases) {
    std::sort(entry.second.begin(), entry.second.end());
  }
  return collected;
}

std::string Shown(const CaseName& name) {
  return OneLine(name.first.empty() ? name.second : name.first + "." + name.second, kShownName);
}

std::string Shown(const std::vector<CaseOutcome>* outcomes) {
  if (outcomes == nullptr) {
    return "not there";
  }
  constexpr std::size_t kShownOutcomes = 4;
  std::vector<std::string> words;
  for (std::size_t i = 0; i < outcomes->size() && i < kShownOutcomes; ++i) {
    words.emplace_back(ToText((*outcomes)[i]));
  }
  if (outcomes->size() > kShownOutcomes) {
    words.push_back(fmt::format("… ({} times)", outcomes->size()));
  }
  return Join(words, " and ");
}

template <typename Map>
const typename Map::mapped_type* Find(const Map& map, const typename Map::key_type& key) {
  const auto found = map.find(key);
  return found == map.end() ? nullptr : &found->second;
}

/// The names of both, each once, in order.
template <typename Map>
std::vector<typename Map::key_type> Keys(const Map& a, const Map& b) {
  std::vector<typename Map::key_type> keys;
  for (const auto& entry : a) keys.push_back(entry.first);
  for (const auto& entry : b) keys.push_back(entry.first);
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

std::string CaseDifference(const Collected& first, const Collected& second) {
  if (!first.all_listed || !second.all_listed) {
    return fmt::format("more than {} test cases cannot be compared", kMaxListedCases);
  }
  for (const CaseName& name : Keys(first.cases, second.cases)) {
    const auto* before = Find(first.cases, name);
    const auto* after = Find(second.cases, name);
    if (before == nullptr || after == nullptr || *before != *after) {
      return fmt::format("test case {} was {}, then {}", Shown(name), Shown(before), Shown(after));
    }
  }
  return {};
}

}  // namespace

RepeatEvidence CompareRuns(const std::vector<Report>& first, const std::vector<Report>& second) {
  const Collected before = Collect(first);
  const Collected after = Collect(second);
  RepeatEvidence evidence;
  evidence.cases = before.total;
  evidence.metrics = static_cast<long long>(before.metrics.size());
  evidence.difference = CaseDifference(before, after);
  for (const std::string& name : Keys(before.metrics, after.metrics)) {
    const double* was = Find(before.metrics, name);
    const double* is = Find(after.metrics, name);
    if (was == nullptr || is == nullptr) {
      if (evidence.difference.empty()) {
        evidence.difference = fmt::format("metric {} was {} the second time",
                                          OneLine(name, kShownName),
                                          is == nullptr ? "missing" : "new");
      }
    } else if (*was != *is) {
      if (evidence.moved.size() == kMaxMovedMetrics) {
        evidence.more_moved = true;
      } else {
        evidence.moved[name] = {*was, *is};
      }
    }
  }
  return evidence;
}

CasesFixed FindCasesFixed(const std::vector<Report>& now, const std::vector<Report>& before) {
  const Collected here = Collect(now);
  const Collected there = Collect(before);
  CasesFixed fixed;
  for (const auto& [name, outcomes] : here.cases) {
    const bool passes = std::all_of(outcomes.begin(), outcomes.end(), [](CaseOutcome outcome) {
      return outcome == CaseOutcome::kPassed;
    });
    const auto* former = Find(there.cases, name);
    const bool failed =
        former != nullptr && std::any_of(former->begin(), former->end(), [](CaseOutcome outcome) {
          return outcome == CaseOutcome::kFailed || outcome == CaseOutcome::kError;
        });
    if (!passes || !failed) {
      continue;
    }
    ++fixed.count;
    if (fixed.names.size() < kMaxNamedCases) {
      fixed.names.push_back(Shown(name));
    }
  }
  return fixed;
}

}  // namespace failgate
