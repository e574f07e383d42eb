#include "controller/sonar/sonar_asker.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "controller/base/error.h"
#include "controller/base/log.h"
#include "controller/base/text.h"

namespace failgate {
namespace {

/// More than that many decisions do not wait for one server; what nobody looked at goes first.
constexpr std::size_t kMaxQuestions = 1000;
constexpr std::size_t kMaxTrouble = 200;

SonarFact Unanswered(const SonarQuestion& question) {
  SonarFact fact;
  fact.project = question.project;
  fact.branch = question.branch;
  fact.revision = question.revision;
  return fact;
}

bool IsFinal(const SonarFact& fact) {
  return fact.state == SonarState::kAnalysed && (fact.status == "OK" || fact.status == "ERROR");
}

/// Whether both say the same, whenever they were asked.
bool SaysTheSame(SonarFact a, SonarFact b) {
  a.asked_at.reset();
  b.asked_at.reset();
  return a == b;
}

}  // namespace

SonarAsker::SonarAsker(SonarServerSettings server,
                       const EnvironmentLookup& environment,
                       Milliseconds keep_asking,
                       const Clock& clock)
    : server_(std::move(server)),
      keep_asking_(keep_asking),
      clock_(clock),
      client_(server_, environment, [this] { return stopped_.load(); }) {}

SonarFact SonarAsker::Look(const SonarQuestion& question) {
  bool ask = false;
  SonarFact fact;
  {
    auto questions = questions_.Lock();
    auto found = questions->find(question);
    if (found == questions->end()) {
      if (questions->size() >= kMaxQuestions) {
        questions->erase(std::min_element(
            questions->begin(), questions->end(), [](const auto& a, const auto& b) {
              return a.second.looked < b.second.looked;
            }));
      }
      found = questions->emplace(question, Asked{Unanswered(question), {}, true, {}, true}).first;
      ask = true;
    }
    Asked& asked = found->second;
    asked.looked = clock_.Steady();
    asked.looked_since = true;
    if (asked.fact.asked_at && clock_.Now() - *asked.fact.asked_at > kSonarAnswerCounts / 2) {
      asked.at_once = true;
      ask = true;
    }
    fact = asked.fact;
  }
  if (ask && wanted_) {
    wanted_();
  }
  return fact;
}

void SonarAsker::AskAll() {
  {
    auto questions = questions_.Lock();
    for (auto& each : *questions) {
      each.second.at_once = true;
    }
  }
  if (wanted_) {
    wanted_();
  }
}

bool SonarAsker::IsDue(const Asked& asked) const {
  if (asked.at_once || !asked.at) {
    return true;
  }
  return clock_.Steady() - *asked.at >= server_.poll &&
         (asked.looked_since || !IsFinal(asked.fact));
}

std::vector<SonarQuestion> SonarAsker::Due() {
  std::vector<SonarQuestion> due;
  const SteadyTime now = clock_.Steady();
  auto questions = questions_.Lock();
  for (auto each = questions->begin(); each != questions->end();) {
    if (now - each->second.looked > keep_asking_) {
      each = questions->erase(each);
      continue;
    }
    if (IsDue(each->second)) {
      // What comes while the question is under way asks once more.
      each->second.at_once = false;
      each->second.looked_since = false;
      due.push_back(each->first);
    }
    ++each;
  }
  return due;
}

bool SonarAsker::Keep(const SonarQuestion& question, SonarFact fact) {
  auto questions = questions_.Lock();
  const auto found = questions->find(question);
  if (found == questions->end()) {
    return false;
  }
  Asked& asked = found->second;
  // A decision that saw an answer too old for it waits for just this one.
  const bool renewed = asked.fact.asked_at && fact.asked_at &&
                       *fact.asked_at - *asked.fact.asked_at >= kSonarAnswerCounts / 2;
  const bool differs = renewed || !SaysTheSame(asked.fact, fact);
  asked.fact = std::move(fact);
  asked.at = clock_.Steady();
  return differs;
}

void SonarAsker::Step() {
  bool differs = false;
  std::string trouble;
  for (const SonarQuestion& question : Due()) {
    if (stopped_) {
      return;
    }
    SonarFact fact = Unanswered(question);
    if (trouble.empty()) {
      try {
        fact = client_.Ask(question);
      } catch (const Error& error) {
        fact.state = SonarState::kUnreachable;
        fact.trouble = OneLine(error.what(), kMaxTrouble);
        // What the server refuses of one project says nothing of the others.
        trouble = error.remedy() == Remedy::kRetry ? fact.trouble : std::string();
        log::Warning("SonarQube gave no answer",
                     {{"project", question.project}, {"reason", fact.trouble}});
      }
    } else {
      fact.state = SonarState::kUnreachable;
      fact.trouble = trouble;
    }
    fact.asked_at = clock_.Now();
    differs = Keep(question, std::move(fact)) || differs;
  }
  if (differs && answered_ && !stopped_) {
    answered_();
  }
}

}  // namespace failgate
