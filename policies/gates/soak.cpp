#include "policies/gates/soak.h"

#include <fmt/format.h>

#include <algorithm>

#include "controller/base/text.h"

namespace failgate {
namespace {

const Soak* FindSoak(const std::vector<Soak>& soaks, const EnvironmentName& in) {
  const auto found =
      std::find_if(soaks.begin(), soaks.end(), [&in](const Soak& soak) { return soak.in == in; });
  return found == soaks.end() ? nullptr : &*found;
}

struct Answer {
  Verdict verdict = Verdict::kFail;
  std::string text;
  std::optional<TimePoint> until = {};
};

Answer AnswerOfSteady(const Soak& soak, const SoakFact& fact, TimePoint now) {
  if (!fact.since) return {Verdict::kWait, "since when it runs steadily is not known"};
  const std::string since = "steady since " + FormatTime(*fact.since);
  const std::string asked = FormatDuration(soak.duration);
  // Compared as a span: since + duration could leave the range of TimePoint.
  if (now - *fact.since >= soak.duration) {
    return {Verdict::kPass, fmt::format("{}, {} are over", since, asked)};
  }
  const TimePoint over = *fact.since + soak.duration;
  return {
      Verdict::kWait, fmt::format("{}, {} are over at {}", since, asked, FormatTime(over)), over};
}

Answer AnswerOfReplaced(const Soak& soak, const SoakFact& fact) {
  const std::string asked = FormatDuration(soak.duration);
  if (!fact.since || !fact.until) {
    return {Verdict::kFail,
            fmt::format("replaced, and it is not known that it ran steadily for {} before", asked)};
  }
  const std::string span =
      fmt::format("steady from {} until {}", FormatTime(*fact.since), FormatTime(*fact.until));
  if (*fact.until - *fact.since >= soak.duration) {
    return {Verdict::kPass, fmt::format("{}, longer than {}", span, asked)};
  }
  return {Verdict::kFail, fmt::format("{}, then replaced before {} were over", span, asked)};
}

Answer AnswerOf(const Soak& soak, const SoakFact& fact, TimePoint now) {
  switch (fact.state) {
    case SoakState::kSteady:
      return AnswerOfSteady(soak, fact, now);
    case SoakState::kReplaced:
      return AnswerOfReplaced(soak, fact);
    case SoakState::kDisturbed:
      return {Verdict::kWait,
              fmt::format("unhealthy or drifted now, {} begin again when it is healed",
                          FormatDuration(soak.duration))};
    case SoakState::kNeverThere:
      return {Verdict::kWait, "not there yet"};
    case SoakState::kDeploying:
      return {Verdict::kWait, "being deployed"};
    case SoakState::kFailed:
      return {Verdict::kFail, "failed there"};
    case SoakState::kRolledBack:
      return {Verdict::kFail, "rolled back there"};
    case SoakState::kExcepted:
      return {Verdict::kFail, "excepted there"};
    case SoakState::kNoSuchEnvironment:
      return {Verdict::kFail, "there is no such environment"};
  }
  return {Verdict::kFail, "unknown state"};
}

Answer AnswerOf(const Soak& soak, const Facts& facts) {
  if (soak.in == facts.environment) {
    return {Verdict::kFail, "a release cannot soak in the environment it is to enter"};
  }
  const SoakFact* found = nullptr;
  for (const SoakFact& fact : facts.soaks) {
    if (fact.environment != soak.in) continue;
    if (found != nullptr && !(*found == fact)) {
      return {Verdict::kFail, "the facts say two things of it"};
    }
    found = &fact;
  }
  if (found == nullptr) return {Verdict::kWait, "its state there is not known"};
  Answer answer = AnswerOf(soak, *found, facts.now);
  if (!found->detail.empty()) answer.text += fmt::format(" ({})", OneLine(found->detail, 200));
  return answer;
}

}  // namespace

SoakSettings ReadSoakSettings(const YamlNode& node, ProblemSink& problems) {
  SoakSettings settings;
  settings.line = node.line;
  settings.column = node.column;
  MappingReader reader(node, "gates.soak", problems);
  settings.mode = ReadMode(reader, node);
  if (const auto in = reader.Name("in")) {
    settings.in = WrittenAt(node.Find("in"), std::optional<EnvironmentName>(EnvironmentName(*in)));
  }
  settings.duration = WrittenAt(node.Find("for"), reader.Duration("for"));
  settings.reserve = WrittenAt(node.Find("reserve"), reader.Bool("reserve"));
  reader.Finish();
  return settings;
}

SoakGate MergeSoak(const SoakGate* floor, const SoakSettings& settings, MergeProblems& problems) {
  SoakGate merged;
  if (floor != nullptr) {
    merged = *floor;
    problems.CheckMode("soak", floor->mode, settings.mode);
  } else if (!settings.in) {
    problems.Add(settings.line, settings.column, "gate soak needs in");
  }
  merged.mode = settings.mode.mode;
  Soak soak;
  if (floor != nullptr) soak.in = floor->soaks.front().in;
  if (settings.in) soak.in = settings.in->value;
  const Soak* known = FindSoak(merged.soaks, soak.in);
  if (known == nullptr) {
    if (!settings.duration) problems.Add(settings.line, settings.column, "gate soak needs for");
  } else {
    soak = *known;
    if (settings.duration && settings.duration->value < known->duration) {
      problems.AddLoosening(settings.duration->line,
                            settings.duration->column,
                            fmt::format("soak: for {}", FormatDuration(settings.duration->value)),
                            fmt::format("for: {}", FormatDuration(known->duration)));
    }
    if (known->reserve && settings.reserve && !settings.reserve->value) {
      problems.AddLoosening(
          settings.reserve->line, settings.reserve->column, "soak: reserve false", "reserve: true");
    }
  }
  if (settings.duration) soak.duration = settings.duration->value;
  if (settings.reserve) soak.reserve = settings.reserve->value;
  merged.soaks.erase(std::remove_if(merged.soaks.begin(),
                                    merged.soaks.end(),
                                    [&soak](const Soak& old) { return old.in == soak.in; }),
                     merged.soaks.end());
  merged.soaks.push_back(std::move(soak));
  return merged;
}

GateVerdict EvaluateSoak(const SoakGate& gate, const Facts& facts) {
  GateVerdict verdict{"soak", gate.mode, Verdict::kPass, {}, std::nullopt};
  std::vector<std::string> texts;
  bool known_end = true;
  for (const Soak& soak : gate.soaks) {
    const Answer answer = AnswerOf(soak, facts);
    texts.push_back(fmt::format("{}: {}", soak.in.text(), answer.text));
    if (answer.verdict == Verdict::kFail) verdict.verdict = Verdict::kFail;
    if (answer.verdict != Verdict::kWait) continue;
    if (verdict.verdict == Verdict::kPass) verdict.verdict = Verdict::kWait;
    known_end = known_end && answer.until;
    verdict.until = std::max(verdict.until, answer.until);
  }
  if (gate.soaks.empty()) {
    verdict.verdict = Verdict::kFail;
    texts.emplace_back("no soak is asked for");
  }
  if (verdict.verdict != Verdict::kWait || !known_end) verdict.until.reset();
  verdict.reason = OneLine(Join(texts, "; "));
  return verdict;
}

std::optional<TimePoint> SoaksUntil(const Soak& soak, const SoakFact& fact, TimePoint now) {
  const bool under_way =
      fact.state == SoakState::kSteady && fact.since && now - *fact.since < soak.duration;
  return under_way ? std::optional<TimePoint>(*fact.since + soak.duration) : std::nullopt;
}

}  // namespace failgate
