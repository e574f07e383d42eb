#include "controller/sonar/sonar_answers.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "controller/base/text.h"
#include "policies/sonar_facts.h"

namespace failgate {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMaxKey = 100;
constexpr std::size_t kMaxWord = 40;
constexpr std::size_t kMaxValue = 60;
constexpr long long kMaxTotal = 1'000'000'000;

Refusal OtherShape() {
  return Refusal{"sonar_answer", "it answered something that is not documented"};
}

/// Empty when it is absent or no string.
std::string Text(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/// It goes into an address: nothing else than what keys are made of.
bool IsKey(const std::string& text) {
  return !text.empty() && text.size() <= kMaxKey &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '_';
         });
}

std::string Comparison(const std::string& comparator) {
  if (comparator == "LT") return "is under";
  if (comparator == "GT") return "is over";
  if (comparator == "EQ") return "is";
  if (comparator == "NE") return "is not";
  return "fails against";
}

std::string Tell(const Json& condition) {
  const std::string actual = Text(condition, "actualValue");
  return fmt::format("{} {} {} {}",
                     OneLine(Text(condition, "metricKey"), kMaxValue),
                     actual.empty() ? "without a value" : OneLine(actual, kMaxValue),
                     Comparison(Text(condition, "comparator")),
                     OneLine(Text(condition, "errorThreshold"), kMaxValue));
}

}  // namespace

Result<SonarAnalyses> ReadSonarAnalyses(std::string_view json) {
  const Json root = Json::parse(json, nullptr, false);
  if (!root.is_object()) return OtherShape();
  const auto list = root.find("analyses");
  const auto paging = root.find("paging");
  if (list == root.end() || !list->is_array() || paging == root.end() || !paging->is_object()) {
    return OtherShape();
  }
  const auto total = paging->find("total");
  if (total == paging->end() || !total->is_number_unsigned()) return OtherShape();
  SonarAnalyses page;
  page.total = std::min<long long>(kMaxTotal,
                                   static_cast<long long>(std::min<std::uint64_t>(
                                       total->get<std::uint64_t>(), std::uint64_t{kMaxTotal})));
  for (const Json& each : *list) {
    SonarAnalysis analysis;
    if (!each.is_object()) return OtherShape();
    analysis.key = Text(each, "key");
    if (!IsKey(analysis.key)) return OtherShape();
    analysis.revision = CommitId(Text(each, "revision"));
    std::string at = Text(each, "date");
    // "+0100" is written without the colon that RFC 3339 has.
    if (at.size() > 5 && (at[at.size() - 5] == '+' || at[at.size() - 5] == '-')) {
      at.insert(at.size() - 2, ":");
    }
    analysis.at = ParseTime(at);
    page.analyses.push_back(std::move(analysis));
  }
  return page;
}

Result<SonarStatus> ReadSonarStatus(std::string_view json) {
  const Json root = Json::parse(json, nullptr, false);
  const auto found = root.is_object() ? root.find("projectStatus") : root.end();
  if (!root.is_object() || found == root.end() || !found->is_object()) return OtherShape();
  SonarStatus answer;
  answer.status = Text(*found, "status");
  if (answer.status.empty() || answer.status.size() > kMaxWord ||
      OneLine(answer.status) != answer.status) {
    return OtherShape();
  }
  const auto conditions = found->find("conditions");
  if (conditions == found->end()) return answer;
  if (!conditions->is_array()) return OtherShape();
  for (const Json& condition : *conditions) {
    if (!condition.is_object()) return OtherShape();
    if (Text(condition, "status") == "ERROR") answer.failed.push_back(Tell(condition));
  }
  std::sort(answer.failed.begin(), answer.failed.end());
  if (answer.failed.size() > kMaxSonarConditions) {
    answer.more_failed = static_cast<long long>(answer.failed.size() - kMaxSonarConditions);
    answer.failed.resize(kMaxSonarConditions);
  }
  return answer;
}

}  // namespace failgate
