#include "policies/gates/model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "controller/base/text.h"
#include "policies/gates/measured_metrics.h"

namespace failgate {
namespace {

constexpr std::size_t kShownName = 80;
constexpr std::size_t kMaxShown = 20;

/// What came out for one metric, or one slice of it.
struct Finding {
  Verdict verdict = Verdict::kFail;
  std::string text;
  bool absent = false;  ///< a value that is not there, or nothing to compare it with
  bool stale = false;   ///< it was compared with another champion
};

struct Question {
  const ModelMetric& demand;
  std::string name;   ///< of the metric, slice included
  std::string slice;  ///< "[country=FR]" or empty
};

Finding Absent(std::string text) {
  return {Verdict::kFail, std::move(text), true, false};
}

std::string Named(const std::string& metric, double value) {
  return fmt::format("{} {}", OneLine(metric, kShownName), FormatNumber(value));
}

class Judge {
 public:
  Judge(const MeasuredMetrics& measured, const ApprovalsGate* approvals, const Facts& facts)
      : measured_(measured), approvals_(approvals), facts_(facts) {}

  [[nodiscard]] Finding Of(const Question& question) const {
    const ModelMetric& demand = question.demand;
    const auto value = measured_.Candidate(question.name);
    if (!value.number) return Absent(OneLine(question.name, kShownName) + " " + value.fault);
    Finding found{Verdict::kPass, Named(question.name, *value.number), false, false};
    if (demand.samples) {
      const Finding samples = Samples(question);
      if (samples.verdict != Verdict::kPass) return samples;
      found.text += samples.text;
    }
    if (demand.at_least && !(*value.number >= *demand.at_least)) {
      found.verdict = Verdict::kFail;
      found.text += " is under " + FormatNumber(*demand.at_least);
      return found;
    }
    if (demand.at_most && !(*value.number <= *demand.at_most)) {
      found.verdict = Verdict::kFail;
      found.text += " is over " + FormatNumber(*demand.at_most);
      return found;
    }
    if (demand.beats_champion) Compare(question, *value.number, found);
    if (found.verdict == Verdict::kPass) Warn(demand, *value.number, found);
    return found;
  }

 private:
  /// A pass has what is to be told of them as its text.
  [[nodiscard]] Finding Samples(const Question& question) const {
    const SampleDemand& demand = *question.demand.samples;
    const std::string name = demand.metric + question.slice;
    const auto count = measured_.Candidate(name);
    if (!count.number) {
      return Absent(fmt::format("{}: its number of samples, {}, {}",
                                OneLine(question.name, kShownName),
                                OneLine(name, kShownName),
                                count.fault));
    }
    if (!(*count.number >= 0) || *count.number != std::floor(*count.number)) {
      return Absent(fmt::format("{}: its number of samples, {}, is no count",
                                OneLine(question.name, kShownName),
                                Named(name, *count.number)));
    }
    if (!(*count.number >= static_cast<double>(demand.at_least))) {
      return {Verdict::kFail,
              fmt::format("{} rests on {} samples of the {} that are needed",
                          OneLine(question.name, kShownName),
                          FormatNumber(*count.number),
                          demand.at_least),
              false,
              false};
    }
    if (question.demand.beats_champion && facts_.running) {
      const auto champion = measured_.Champion(name);
      if (champion.champion.number && *champion.champion.number != *count.number) {
        return Absent(fmt::format("{} rests on {} samples, the champion's on {}: not the same data",
                                  OneLine(question.name, kShownName),
                                  FormatNumber(*count.number),
                                  FormatNumber(*champion.champion.number)));
      }
    }
    return {
        Verdict::kPass, fmt::format(" on {} samples", FormatNumber(*count.number)), false, false};
  }

  void Compare(const Question& question, double value, Finding& found) const {
    if (!facts_.running) {
      found.text += fmt::format("; no champion in {} yet", facts_.environment.text());
      if (!question.demand.at_least && !question.demand.at_most) {
        AskAPerson("no threshold decides either", found);
      }
      return;
    }
    const std::string running = facts_.running->text();
    if (!measured_.of_checks() && *facts_.running == facts_.release) {
      found.text += "; it is the champion itself";
      return;
    }
    const auto compared = measured_.Champion(question.name);
    if (compared.champion.number) {
      CompareWith(question.demand, value, *compared.champion.number, found);
      return;
    }
    if (compared.seen_another && compared.is_carried_on && IsTheSameModel()) {
      found.text += fmt::format("; champion {} runs the same model", running);
      return;
    }
    if (compared.seen_another) {
      found.verdict = Verdict::kWait;
      found.absent = true;
      found.stale = true;
      const std::string with =
          compared.other_is_measured && !compared.with.empty()
              ? fmt::format(" was compared with {}", OneLine(compared.with.text(), kShownName))
              : std::string(" was compared with no champion");
      found.text += fmt::format("{}; {} runs in {} now: the run is to be compared again",
                                with,
                                running,
                                facts_.environment.text());
      return;
    }
    found.verdict = Verdict::kFail;
    found.absent = true;
    found.text += fmt::format("; {} {}, so nothing shows that it is not worse than champion {}",
                              OneLine(ChampionMetric(question.name), kShownName),
                              compared.champion.fault,
                              running);
  }

  void CompareWith(const ModelMetric& demand, double value, double champion, Finding& found) const {
    const Tolerance& tolerance = demand.tolerance;
    const double allowed =
        tolerance.relative ? std::fabs(champion) * tolerance.value : tolerance.value;
    // The bound is told in decimals and computed in binary: what lies on it may be off by the
    // rounding of two numbers, and by no more.
    const double rounding = allowed == 0 ? 0
                                         : 2 * std::numeric_limits<double>::epsilon() *
                                               std::max(std::fabs(champion), allowed);
    const bool higher = demand.direction == Direction::kHigher;
    const double bound = higher ? champion - allowed : champion + allowed;
    const std::string with = fmt::format(
        "champion {} {} on the same data", facts_.running->text(), FormatNumber(champion));
    if (!std::isfinite(bound)) {
      found.verdict = Verdict::kFail;
      found.absent = true;
      found.text += fmt::format("; {} cannot be compared", with);
      return;
    }
    // Written so that what is no number does not pass.
    const bool holds = higher ? value >= bound - rounding : value <= bound + rounding;
    if (holds) {
      found.text += "; " + with;
      return;
    }
    found.verdict = Verdict::kFail;
    found.text +=
        fmt::format(" is worse than {} ({})",
                    with,
                    allowed == 0         ? std::string("no tolerance")
                    : tolerance.relative ? fmt::format("tolerance {} %, {}",
                                                       FormatNumber(tolerance.value * 100),
                                                       FormatNumber(allowed))
                                         : "tolerance " + FormatNumber(allowed));
  }

  [[nodiscard]] bool IsTheSameModel() const {
    return facts_.models && !facts_.models->trained.empty() &&
           facts_.models->trained == facts_.models->champion_trained;
  }

  void Warn(const ModelMetric& demand, double value, Finding& found) const {
    if (!demand.warn) return;
    const bool higher = demand.direction == Direction::kHigher;
    const bool fine = higher ? value >= *demand.warn : value <= *demand.warn;
    if (fine) return;
    AskAPerson(
        fmt::format(
            "in the warning zone {} {}", higher ? "under" : "over", FormatNumber(*demand.warn)),
        found);
  }

  void AskAPerson(const std::string& why, Finding& found) const {
    const auto approved = ApproversSince(approvals_, facts_, measured_.since());
    if (!approved.empty()) {
      found.text += fmt::format(", {}, approved by {}", why, OneLine(approved.front(), kShownName));
      return;
    }
    found.verdict = Verdict::kWait;
    found.text += fmt::format(
        ", {}: {} {} for {}", why, kAsksAPerson, facts_.release.text(), facts_.environment.text());
  }

  const MeasuredMetrics& measured_;
  const ApprovalsGate* approvals_;
  const Facts& facts_;
};

/// "country=*" stands for what the candidate or the champion has.
std::vector<std::string> SlicesOf(const MeasuredMetrics& measured,
                                  const std::string& metric,
                                  const std::string& slice) {
  if (slice.back() != '*') return {"[" + slice + "]"};
  const std::string start = metric + "[" + slice.substr(0, slice.size() - 1);
  std::vector<std::string> slices;
  for (const std::string& name : measured.NamesFrom(start)) {
    slices.push_back(name.substr(metric.size()));
  }
  return slices;
}

/// Slices that what runs was measured on and the candidate's run tells nothing of: leaving one out
/// must not make a model better. Whether it is gone for good is for a person to say.
void AddVanished(const ModelMetric& demand,
                 const std::string& slice,
                 const std::vector<std::string>& told,
                 const Facts& facts,
                 std::vector<Finding>& findings) {
  if (slice.back() != '*' || !facts.models || !facts.running) return;
  const std::string start = demand.metric + "[" + slice.substr(0, slice.size() - 1);
  for (const std::string& name : facts.models->champion_slices) {
    if (name.compare(0, start.size(), start) != 0 ||
        std::find(told.begin(), told.end(), name.substr(demand.metric.size())) != told.end()) {
      continue;
    }
    findings.push_back({Verdict::kFail,
                        fmt::format("{} is missing, and champion {} was measured on it",
                                    OneLine(name, kShownName),
                                    facts.running->text()),
                        false,
                        false});
  }
}

std::vector<Finding> FindAll(const ModelGate& gate,
                             const MeasuredMetrics& measured,
                             const Facts& facts,
                             const Judge& judge) {
  std::vector<Finding> findings;
  for (const ModelMetric& demand : gate.metrics) {
    findings.push_back(judge.Of({demand, demand.metric, {}}));
    for (const std::string& slice : demand.slices) {
      const auto slices = SlicesOf(measured, demand.metric, slice);
      if (slices.empty()) {
        findings.push_back(
            Absent(fmt::format("{}[{}] is missing", OneLine(demand.metric, kShownName), slice)));
      }
      for (const std::string& each : slices) {
        findings.push_back(judge.Of({demand, demand.metric + each, each}));
      }
      if (!measured.of_checks()) AddVanished(demand, slice, slices, facts, findings);
    }
  }
  return findings;
}

std::vector<Finding> FindingsOf(const ModelGate& gate,
                                const std::vector<OperationsCheck>& checks,
                                const ApprovalsGate* approvals,
                                const Facts& facts) {
  const MeasuredMetrics measured(checks, facts);
  if (!measured.failed().empty()) return {Absent(measured.failed())};
  if (!measured.waits().empty()) return {{Verdict::kWait, measured.waits(), true, false}};
  if (gate.metrics.empty()) return {Absent("no metric is named")};
  return FindAll(gate, measured, facts, Judge(measured, approvals, facts));
}

}  // namespace

GateVerdict EvaluateModel(const ModelGate& gate,
                          const std::vector<OperationsCheck>& checks,
                          const ApprovalsGate* approvals,
                          const Facts& facts) {
  const std::vector<Finding> findings = FindingsOf(gate, checks, approvals, facts);
  GateVerdict verdict{"model", gate.mode, Verdict::kPass, {}, std::nullopt};
  std::vector<std::string> texts;
  // What speaks against it comes first.
  for (const Verdict part : {Verdict::kFail, Verdict::kWait, Verdict::kPass}) {
    for (const Finding& finding : findings) {
      if (finding.verdict != part) continue;
      if (texts.empty()) verdict.verdict = part;
      texts.push_back(finding.text);
    }
  }
  if (texts.size() > kMaxShown) {
    const std::size_t more = texts.size() - kMaxShown;
    texts.resize(kMaxShown);
    texts.push_back(fmt::format("and {} more", more));
  }
  verdict.reason = OneLine(Join(texts, "; "));
  return verdict;
}

bool ModelIsJudged(const ModelGate& gate,
                   const std::vector<OperationsCheck>& checks,
                   const Facts& facts) {
  const std::vector<Finding> findings = FindingsOf(gate, checks, nullptr, facts);
  return std::none_of(
      findings.begin(), findings.end(), [](const Finding& each) { return each.absent; });
}

bool ComparisonIsStale(const ModelGate& gate,
                       const std::vector<OperationsCheck>& checks,
                       const Facts& facts) {
  const std::vector<Finding> findings = FindingsOf(gate, checks, nullptr, facts);
  const auto fails = [](const Finding& each) { return each.verdict == Verdict::kFail; };
  return !MeasuredMetrics(checks, facts).of_checks() &&
         std::none_of(findings.begin(), findings.end(), fails) &&
         std::any_of(
             findings.begin(), findings.end(), [](const Finding& each) { return each.stale; });
}

bool MayAskAPerson(const ModelGate& gate) {
  return std::any_of(gate.metrics.begin(), gate.metrics.end(), [](const ModelMetric& metric) {
    return metric.warn || (metric.beats_champion && !metric.at_least && !metric.at_most);
  });
}

}  // namespace failgate
