#include "controller/promotion/advice.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "controller/base/text.h"

namespace failgate {
namespace {

/// Of one gate, over all decisions that were written.
struct Verdicts {
  long passed = 0;
  long others = 0;
};

/// What one pair lived through.
struct Story {
  std::map<ReleaseName, TimePoint> entered;     ///< when a release first ran well
  std::map<ReleaseName, TimePoint> asked;       ///< when approvals were first missing
  std::map<std::string, Milliseconds> by_hand;  ///< attempts that people ordered: how they waited
  std::vector<Milliseconds> green;              ///< waits of those that ended well
  long not_green = 0;
  std::vector<Milliseconds> approvals;  ///< from being asked until given
  std::map<std::string, Verdicts> gates;
  long drifts = 0;
  TimePoint last_drift{};
};

Milliseconds Median(std::vector<Milliseconds> values) {
  if (values.empty()) {
    return Milliseconds(0);
  }
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

/// "coverage pass (…)" -> {"coverage", "pass"}.
std::optional<std::pair<std::string, std::string>> GateAndVerdict(const std::string& line) {
  const std::vector<std::string> words = Split(line.substr(0, line.find(" (")), ' ');
  if (words.size() < 2) {
    return std::nullopt;
  }
  return std::pair{words[0], words[1]};
}

/// A pass that a person gave, or that nobody asked for, says nothing of the gate.
bool IsJudgement(const std::string& line) {
  const std::string reason = line.substr(std::min(line.find(" ("), line.size()));
  return reason.rfind(" (overridden by ", 0) != 0 && reason.rfind(" (not asked ", 0) != 0;
}

/// Gates with a bar to raise; the others are about people and time.
bool HasBar(const Policy& policy, const std::string& gate) {
  return (gate == "tests" && policy.tests) || (gate == "coverage" && policy.coverage) ||
         (gate == "max_duration" && policy.max_duration);
}

class Reader {
 public:
  explicit Reader(const OperationsView& view) : view_(view) {}

  void Read(const WrittenFact& written) {
    const Fact& fact = written.fact;
    if (fact.kind == FactKind::kReleased) {
      released_[fact.release] = fact.at;
      return;
    }
    if (fact.environment.empty()) {
      return;
    }
    Story& story = stories[{fact.environment, fact.project}];
    if (fact.kind == FactKind::kDecided) {
      Decided(written, story);
    } else if (fact.kind == FactKind::kPromoted) {
      Promoted(written, story);
    } else if (fact.kind == FactKind::kDeployed) {
      Deployed(written, story);
    } else if (fact.kind == FactKind::kFailed || fact.kind == FactKind::kRolledBack) {
      story.not_green += story.by_hand.erase(written.Value("Attempt").value_or("")) > 0 ? 1 : 0;
    } else if (fact.kind == FactKind::kApproved) {
      const auto asked = story.asked.find(fact.release);
      if (asked != story.asked.end()) {
        story.approvals.push_back(std::max(fact.at - asked->second, Milliseconds(0)));
      }
    } else if (fact.kind == FactKind::kDrifted && written.Value("Drift") != "none") {
      ++story.drifts;
      story.last_drift = fact.at;
    }
  }

  std::map<EnvironmentProject, Story> stories;

 private:
  void Decided(const WrittenFact& written, Story& story) {
    for (const Trailer& trailer : written.fact.trailers) {
      const auto gate = trailer.first == "Gate" ? GateAndVerdict(trailer.second) : std::nullopt;
      if (!gate) {
        continue;
      }
      if (IsJudgement(trailer.second)) {
        Verdicts& verdicts = story.gates[gate->first];
        ++(gate->second == "pass" ? verdicts.passed : verdicts.others);
      }
      if (gate->first == "approvals" && gate->second == "wait") {
        story.asked.emplace(written.fact.release, written.fact.at);
      }
    }
  }

  /// From when the release could have gone in: it ran on the rung before, or was made.
  void Promoted(const WrittenFact& written, Story& story) {
    const Fact& fact = written.fact;
    if (written.Value("Via").value_or("") == "automatic") {
      return;
    }
    const auto environment = view_.environments.find(fact.environment);
    TimePoint ready = fact.at;
    const auto made = released_.find(fact.release);
    if (made != released_.end()) {
      ready = made->second;
    }
    if (environment != view_.environments.end() && environment->second.floor.after) {
      const auto before = stories.find({*environment->second.floor.after, fact.project});
      const bool known = before != stories.end() && before->second.entered.count(fact.release) > 0;
      ready = known ? std::max(ready, before->second.entered.at(fact.release)) : ready;
    }
    story.by_hand[written.Value("Attempt").value_or("")] =
        std::max(fact.at - ready, Milliseconds(0));
  }

  static void Deployed(const WrittenFact& written, Story& story) {
    story.entered.emplace(written.fact.release, written.fact.at);
    const auto ordered = story.by_hand.find(written.Value("Attempt").value_or(""));
    if (ordered != story.by_hand.end()) {
      story.green.push_back(ordered->second);
      story.by_hand.erase(ordered);
    }
  }

  const OperationsView& view_;
  std::map<ReleaseName, TimePoint> released_;
};

class Adviser {
 public:
  Adviser(const OperationsView& view, const EnvironmentProject& pair, const Story& story)
      : policy_(PolicyFor(view, pair)), pair_(pair), story_(story) {}

  std::vector<Advice> Give() {
    OnPromotions();
    OnApprovals();
    OnGates();
    OnDrift();
    return std::move(advice_);
  }

 private:
  void Add(const char* kind, std::string text, long count, std::optional<Milliseconds> median) {
    advice_.push_back(Advice{pair_.first, pair_.second, kind, std::move(text), count, median});
  }

  void OnPromotions() {
    const auto green = static_cast<long>(story_.green.size());
    if (policy_.last_step != Policy::kDelivery || story_.not_green > 0 ||
        green < kPromotionsForAdvice) {
      return;
    }
    const Milliseconds median = Median(story_.green);
    Add("deployment",
        fmt::format("{} promotions by hand, all green, median wait {}: use policy deployment",
                    green,
                    HumanDuration(median)),
        green,
        median);
  }

  void OnApprovals() {
    const auto& given = story_.approvals;
    const auto count = static_cast<long>(given.size());
    if (!policy_.approvals || count < kApprovalsForAdvice ||
        *std::max_element(given.begin(), given.end()) > kAtOnce) {
      return;
    }
    const Milliseconds median = Median(given);
    Add("approvals",
        fmt::format("{} approvals, each within {} of being asked (median {}): nobody looks for "
                    "long, let a gate measure what they look at",
                    count,
                    HumanDuration(*std::max_element(given.begin(), given.end())),
                    HumanDuration(median)),
        count,
        median);
  }

  void OnGates() {
    for (const auto& gate : story_.gates) {
      if (!HasBar(policy_, gate.first) || gate.second.others > 0 ||
          gate.second.passed < kVerdictsForAdvice) {
        continue;
      }
      Add("gate",
          fmt::format("gate {} passed {} of {} times: raise its bar if it is to find anything",
                      gate.first,
                      gate.second.passed,
                      gate.second.passed),
          gate.second.passed,
          std::nullopt);
    }
  }

  void OnDrift() {
    if (story_.drifts < kDriftsForAdvice) {
      return;
    }
    Add("drift",
        fmt::format("drifted {} times, last {}: find who changes it by hand, and let them change "
                    "what is deployed instead",
                    story_.drifts,
                    FormatTime(story_.last_drift)),
        story_.drifts,
        std::nullopt);
  }

  Policy policy_;
  const EnvironmentProject& pair_;
  const Story& story_;
  std::vector<Advice> advice_;
};

}  // namespace

std::vector<Advice> AdviceOf(const std::vector<LogEntry>& newest_first,
                             const OperationsView& view) {
  Reader reader(view);
  for (auto entry = newest_first.rbegin(); entry != newest_first.rend(); ++entry) {
    reader.Read(entry->written);
  }
  std::vector<Advice> all;
  for (const EnvironmentName& environment : view.ladder.order) {
    for (const auto& [pair, story] : reader.stories) {
      if (pair.first != environment || view.deployments.count(pair) == 0) {
        continue;
      }
      for (Advice& advice : Adviser(view, pair, story).Give()) {
        all.push_back(std::move(advice));
      }
    }
  }
  std::stable_sort(all.begin(), all.end(), [](const Advice& a, const Advice& b) {
    return a.project < b.project;
  });
  return all;
}

}  // namespace failgate
