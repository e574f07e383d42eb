#include "controller/sync/delivery_answers.h"

#include <fmt/format.h>

#include <map>
#include <string>
#include <utility>

#include "controller/base/text.h"
#include "controller/base/yield_every.h"
#include "controller/sync/delivery_outcome.h"

namespace failgate {
namespace {

/// What one branch did in the look: its runs, or why it has none.
struct BranchAnswer {
  std::vector<RunId> runs;
  std::string ignored_because;
};

class BranchAnswers {
 public:
  BranchAnswers(const SourceName& source, const SyncPass& pass, const RunStore& runs)
      : source_(source), pass_(pass), runs_(runs) {}

  const BranchAnswer& Of(const std::string& ref) {
    const auto known = answers_.find(ref);
    return known != answers_.end() ? known->second : answers_.emplace(ref, Find(ref)).first->second;
  }

 private:
  [[nodiscard]] BranchAnswer Find(const std::string& ref) const {
    const auto head = pass_.heads.find(ref);
    if (head == pass_.heads.end()) {
      return {{}, fmt::format("\"{}\" is no branch of the remote", OneLine(ref, 200))};
    }
    const auto moved = pass_.moved.find(ref);
    if (moved != pass_.moved.end() && moved->second.run.empty()) {
      return {{}, moved->second.ignored_because};
    }
    if (moved != pass_.moved.end()) {
      BranchAnswer answer{{moved->second.run}, ""};
      const std::vector<RunId>& more = moved->second.more;
      answer.runs.insert(answer.runs.end(), more.begin(), more.end());
      return answer;
    }
    BranchAnswer answer;
    answer.ignored_because =
        fmt::format("the head of \"{}\" was handled before", OneLine(ref, 200));
    RunFilter filter;
    filter.source = source_;
    filter.ref = ref;
    filter.revision = head->second;
    for (const Run& run : runs_.List(filter)) {
      answer.runs.push_back(run.id);
    }
    return answer;
  }

  const SourceName& source_;
  const SyncPass& pass_;
  const RunStore& runs_;
  std::map<std::string, BranchAnswer> answers_;
};

std::vector<std::string> RefsOf(const TakenDelivery& delivery, const SyncPass& pass) {
  std::vector<std::string> refs;
  for (const RefHint& hint : delivery.refs) {
    refs.push_back(hint.ref);
  }
  if (refs.empty()) {
    for (const auto& entry : pass.moved) {
      refs.push_back(entry.first);
    }
  }
  return refs;
}

}  // namespace

std::vector<DeliveryResult> AnswerDeliveries(const SourceName& source,
                                             const std::vector<TakenDelivery>& deliveries,
                                             const SyncPass& pass,
                                             const RunStore& runs) {
  BranchAnswers branches(source, pass, runs);
  std::map<std::pair<std::string, std::vector<std::string>>, std::size_t> places;
  std::vector<DeliveryResult> results;
  YieldEvery turn(kLightSteps);
  for (const TakenDelivery& delivery : deliveries) {
    turn.Step();
    const auto [place, is_new] =
        places.emplace(std::pair(delivery.event, RefsOf(delivery, pass)), results.size());
    if (is_new) {
      DeliveryOutcome outcome;
      outcome.event = delivery.event;
      std::string ignored = "no branch moved";
      for (const std::string& ref : place->first.second) {
        const BranchAnswer& branch = branches.Of(ref);
        outcome.runs.insert(outcome.runs.end(), branch.runs.begin(), branch.runs.end());
        ignored = branch.ignored_because.empty() ? ignored : branch.ignored_because;
      }
      outcome.ignored_because = outcome.runs.empty() ? ignored : "";
      results.push_back({{}, DeliveryOutcomeToJson(outcome)});
    }
    results[place->second].ids.push_back(delivery.id);
  }
  return results;
}

}  // namespace failgate
