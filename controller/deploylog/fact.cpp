#include "controller/deploylog/fact.h"

#include <fmt/format.h>

#include <array>

#include "controller/base/secret.h"
#include "controller/base/text.h"

namespace failgate {
namespace {

struct Word {
  FactKind kind;
  std::string_view text;
};
constexpr std::array<Word, 23> kWords{{{FactKind::kStarted, "started"},
                                       {FactKind::kReleased, "released"},
                                       {FactKind::kDecided, "decided"},
                                       {FactKind::kApproved, "approved"},
                                       {FactKind::kRejected, "rejected"},
                                       {FactKind::kWithdrawn, "withdrawn"},
                                       {FactKind::kOverridden, "overridden"},
                                       {FactKind::kPromoted, "promoted"},
                                       {FactKind::kDeployed, "deployed"},
                                       {FactKind::kFailed, "failed"},
                                       {FactKind::kRolledBack, "rolled-back"},
                                       {FactKind::kRemovalOrdered, "removal-ordered"},
                                       {FactKind::kRemoved, "removed"},
                                       {FactKind::kDrifted, "drifted"},
                                       {FactKind::kHealed, "healed"},
                                       {FactKind::kHeld, "held"},
                                       {FactKind::kResumed, "resumed"},
                                       {FactKind::kSuperseded, "superseded"},
                                       {FactKind::kRefused, "refused"},
                                       {FactKind::kHistoryAccepted, "history-accepted"},
                                       {FactKind::kKeyRotated, "key-rotated"},
                                       {FactKind::kPolicyChanged, "policy-changed"},
                                       {FactKind::kTokenChanged, "token-changed"}}};

constexpr std::size_t kMaxValueCharacters = 4000;

std::string Line(std::string_view value) {
  return OneLine(Redact(value), kMaxValueCharacters);
}

Refusal Malformed(std::string text) {
  return Refusal{"malformed_fact", std::move(text)};
}

/// Takes the fixed trailers out of the list into the fact's own fields.
Result<WrittenFact> Interpret(std::string subject, const std::vector<Trailer>& lines) {
  WrittenFact written;
  written.fact.subject = std::move(subject);
  bool has_kind = false;
  bool has_at = false;
  for (const Trailer& line : lines) {
    if (line.first == "Fact") {
      const auto kind = ParseFactWord(line.second);
      if (!kind || has_kind) {
        return Malformed(fmt::format("unknown or second fact word \"{}\"", line.second));
      }
      written.fact.kind = *kind;
      has_kind = true;
    } else if (line.first == "Sequence") {
      const auto number = ParseNonNegative(line.second);
      if (!number || *number == 0 || written.sequence != 0) {
        return Malformed(fmt::format("bad or second sequence \"{}\"", line.second));
      }
      written.sequence = static_cast<long>(*number);
    } else if (line.first == "At") {
      const auto at = ParseTime(line.second);
      if (!at || has_at) {
        return Malformed(fmt::format("bad or second time \"{}\"", line.second));
      }
      written.fact.at = *at;
      has_at = true;
    } else if (line.first == "Project") {
      written.fact.project = ProjectName(line.second);
    } else if (line.first == "Environment") {
      written.fact.environment = EnvironmentName(line.second);
    } else if (line.first == "Release") {
      written.fact.release = ReleaseName(line.second);
    } else if (line.first == "Recovered") {
      written.fact.recovered = line.second == "true";
    } else {
      written.fact.trailers.push_back(line);
    }
  }
  if (!has_kind || !has_at || written.sequence == 0) {
    return Malformed("the message lacks Fact, Sequence or At");
  }
  return written;
}

}  // namespace

bool MayRepeat(FactKind kind) {
  return kind == FactKind::kDrifted || kind == FactKind::kHealed;
}

std::string FactWord(FactKind kind) {
  for (const Word& word : kWords) {
    if (word.kind == kind) {
      return std::string(word.text);
    }
  }
  throw Error(Remedy::kNeedsChange, "a fact kind without a word");
}

std::optional<FactKind> ParseFactWord(std::string_view text) {
  for (const Word& word : kWords) {
    if (word.text == text) {
      return word.kind;
    }
  }
  return std::nullopt;
}

std::string FormatFactMessage(const Fact& fact, long sequence) {
  std::string message = Line(fact.subject) + "\n\n";
  const auto add = [&message](std::string_view key, std::string_view value) {
    message += fmt::format("{}: {}\n", key, Line(value));
  };
  add("Fact", FactWord(fact.kind));
  add("Sequence", std::to_string(sequence));
  add("At", FormatTime(fact.at));
  if (!fact.project.empty()) {
    add("Project", fact.project.text());
  }
  if (!fact.environment.empty()) {
    add("Environment", fact.environment.text());
  }
  if (!fact.release.empty()) {
    add("Release", fact.release.text());
  }
  for (const Trailer& trailer : fact.trailers) {
    add(trailer.first, trailer.second);
  }
  if (fact.recovered) {
    add("Recovered", "true");
  }
  return message;
}

std::optional<std::string> WrittenFact::Value(std::string_view key) const {
  for (const Trailer& trailer : fact.trailers) {
    if (trailer.first == key) {
      return trailer.second;
    }
  }
  return std::nullopt;
}

Result<WrittenFact> ParseFactMessage(std::string_view message) {
  std::vector<std::string> lines = Split(message, '\n');
  while (!lines.empty() && lines.back().empty()) {
    lines.pop_back();
  }
  if (lines.size() < 3 || lines[0].empty() || !lines[1].empty()) {
    return Malformed("the message has not the form of a fact: one line, an empty line, trailers");
  }
  std::vector<Trailer> trailers;
  for (std::size_t i = 2; i < lines.size(); ++i) {
    const std::size_t colon = lines[i].find(": ");
    if (colon == std::string::npos || colon == 0 ||
        lines[i].find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-") <
            colon) {
      return Malformed(fmt::format("line {} is no trailer", i + 1));
    }
    trailers.emplace_back(lines[i].substr(0, colon), lines[i].substr(colon + 2));
  }
  return Interpret(lines[0], trailers);
}

}  // namespace failgate
