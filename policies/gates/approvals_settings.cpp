// Reading and merging of gate `approvals`; its verdict is in approvals.cpp.
#include <fmt/format.h>

#include <algorithm>

#include "controller/base/text.h"
#include "policies/gates/approvals.h"

namespace failgate {
namespace {

constexpr long long kMaxApprovals = 100;

std::optional<std::vector<std::string>> ReadFrom(const YamlNode& node, ProblemSink& problems) {
  if (node.kind != YamlNode::Kind::kSequence || node.items.empty()) {
    problems.Add(node, "from must be a list of at least one e-mail address");
    return std::nullopt;
  }
  std::vector<std::string> emails;
  for (const YamlNode& item : node.items) {
    const std::optional<std::string> text = ReadString(item, "an e-mail address of from", problems);
    if (!text) return std::nullopt;
    const std::optional<Person> person = ParsePerson(*text);
    if (!person || !person->name.empty()) {
      problems.Add(item,
                   fmt::format("\"{}\" is no e-mail address; write it alone, such as "
                               "alice@example.com",
                               OneLine(*text, 80)));
      return std::nullopt;
    }
    std::string email = ToLower(person->email);
    if (std::find(emails.begin(), emails.end(), email) != emails.end()) {
      problems.Add(item, fmt::format("{} is written twice", email));
      return std::nullopt;
    }
    emails.push_back(std::move(email));
  }
  std::sort(emails.begin(), emails.end());
  return emails;
}

std::optional<std::vector<Excluded>> ReadNot(MappingReader& reader,
                                             const YamlNode& node,
                                             ProblemSink& problems) {
  const std::optional<std::vector<std::string>> words = reader.Strings("not");
  if (!words) return std::nullopt;
  std::vector<Excluded> excluded;
  for (const std::string& word : *words) {
    if (word == "author") {
      excluded.push_back(Excluded::kAuthor);
    } else if (word == "requester") {
      excluded.push_back(Excluded::kRequester);
    } else {
      const std::optional<std::string> nearest = NearestWord(word, {"author", "requester"});
      problems.Add(node,
                   fmt::format("not knows author and requester, not \"{}\"{}",
                               OneLine(word, 60),
                               nearest ? fmt::format(" (did you mean {}?)", *nearest) : ""));
      return std::nullopt;
    }
  }
  std::sort(excluded.begin(), excluded.end());
  excluded.erase(std::unique(excluded.begin(), excluded.end()), excluded.end());
  return excluded;
}

std::string Words(const std::vector<Excluded>& excluded) {
  std::vector<std::string> words;
  for (const Excluded whom : excluded) {
    words.emplace_back(whom == Excluded::kAuthor ? "author" : "requester");
  }
  return fmt::format("[{}]", Join(words, ", "));
}

void CheckAgainstFloor(const ApprovalsGate& floor,
                       const ApprovalsSettings& settings,
                       MergeProblems& problems) {
  problems.CheckMode("approvals", floor.mode, settings.mode);
  if (settings.count && settings.count->value < floor.count) {
    problems.AddLoosening(settings.count->line,
                          settings.count->column,
                          fmt::format("approvals: count {}", settings.count->value),
                          fmt::format("count: {}", floor.count));
  }
  if (settings.from) {
    for (const std::string& email : settings.from->value) {
      if (std::binary_search(floor.from.begin(), floor.from.end(), email)) continue;
      problems.AddLoosening(settings.from->line,
                            settings.from->column,
                            fmt::format("approvals: from with {}", email),
                            fmt::format("from: [{}]", Join(floor.from, ", ")));
    }
  }
  if (settings.excluded) {
    const std::vector<Excluded>& written = settings.excluded->value;
    if (!std::includes(
            written.begin(), written.end(), floor.excluded.begin(), floor.excluded.end())) {
      problems.AddLoosening(settings.excluded->line,
                            settings.excluded->column,
                            "approvals: not " + Words(written),
                            "not: " + Words(floor.excluded));
    }
  }
  if (floor.with_signature && settings.with_signature && !settings.with_signature->value) {
    problems.AddLoosening(settings.with_signature->line,
                          settings.with_signature->column,
                          "approvals: signed false",
                          "signed: true");
  }
  if (settings.expires && floor.expires && settings.expires->value > *floor.expires) {
    problems.AddLoosening(
        settings.expires->line,
        settings.expires->column,
        fmt::format("approvals: expires {}", FormatDuration(settings.expires->value)),
        fmt::format("expires: {}", FormatDuration(*floor.expires)));
  }
}

}  // namespace

std::optional<std::vector<std::string>> ReadEmails(const YamlNode& node, ProblemSink& problems) {
  return ReadFrom(node, problems);
}

ApprovalsSettings ReadApprovalsSettings(const YamlNode& node, ProblemSink& problems) {
  ApprovalsSettings settings;
  settings.line = node.line;
  settings.column = node.column;
  MappingReader reader(node, "gates.approvals", problems);
  settings.mode = ReadMode(reader, node);
  settings.count = WrittenAt(node.Find("count"), reader.Integer("count", 1, kMaxApprovals));
  if (const YamlNode* from = reader.Optional("from"); from != nullptr) {
    settings.from = WrittenAt(from, ReadFrom(*from, problems));
  }
  if (const YamlNode* excluded = reader.Optional("not"); excluded != nullptr) {
    settings.excluded = WrittenAt(excluded, ReadNot(reader, *excluded, problems));
  }
  settings.with_signature = WrittenAt(node.Find("signed"), reader.Bool("signed"));
  settings.expires = WrittenAt(node.Find("expires"), reader.Duration("expires"));
  reader.Finish();
  return settings;
}

ApprovalsGate MergeApprovals(const ApprovalsGate* floor,
                             const ApprovalsSettings& settings,
                             MergeProblems& problems) {
  ApprovalsGate merged;
  if (floor != nullptr) {
    merged = *floor;
    CheckAgainstFloor(*floor, settings, problems);
  } else {
    if (!settings.count) {
      problems.Add(settings.line, settings.column, "gate approvals needs count");
    }
    if (!settings.from) {
      problems.Add(settings.line, settings.column, "gate approvals needs from");
    }
  }
  merged.mode = settings.mode.mode;
  if (settings.count) merged.count = settings.count->value;
  if (settings.from) merged.from = settings.from->value;
  if (floor == nullptr) merged.may_reject = merged.from;
  if (settings.excluded) merged.excluded = settings.excluded->value;
  if (settings.expires) merged.expires = settings.expires->value;
  if (settings.with_signature) merged.with_signature = settings.with_signature->value;
  if (!merged.from.empty() && merged.count > static_cast<long long>(merged.from.size())) {
    const Written<long long> at =
        settings.count.value_or(Written<long long>{0, settings.line, settings.column});
    problems.Add(at.line,
                 at.column,
                 fmt::format("approvals: count {} can never be reached by {} people in from",
                             merged.count,
                             merged.from.size()));
  }
  return merged;
}

}  // namespace failgate
