// Edits of a desired file: bytes are inserted or replaced at the marks of the parsed text, never
// re-emitted. The edited text is read again and must say exactly what was asked, else it is
// refused.
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <tuple>

#include "controller/base/text.h"
#include "controller/base/yaml_document.h"
#include "controller/promotion/desired_file.h"

namespace failgate {
namespace {

std::string HeaderOf(const EnvironmentName& environment, const ProjectName& project) {
  return fmt::format(
      "# Which release of {} people want in {}.\n", project.text(), environment.text());
}

/// The file's own line end.
std::string LineEndOf(const std::string& text) {
  const std::size_t feed = text.find('\n');
  return feed != std::string::npos && feed > 0 && text[feed - 1] == '\r' ? "\r\n" : "\n";
}

bool StartsFlow(const std::string& text, const YamlNode& node) {
  return node.begin_offset < text.size() &&
         (text[node.begin_offset] == '{' || text[node.begin_offset] == '[');
}

std::string Spliced(const std::string& text, std::size_t begin, std::size_t end, std::string by) {
  return text.substr(0, begin) + by + text.substr(end);
}

/// Inserts a whole line behind the line that holds `offset`.
std::string WithLineAfter(const std::string& text, std::size_t offset, const std::string& line) {
  const std::string end = LineEndOf(text);
  // A block scalar ends behind its line feed already.
  if (offset > 0 && text[offset - 1] == '\n') return Spliced(text, offset, offset, line + end);
  const std::size_t feed = text.find('\n', offset);
  if (feed == std::string::npos) return text + end + line + end;
  return Spliced(text, feed + 1, feed + 1, line + end);
}

std::string WithLineAtEnd(const std::string& text, const std::string& line) {
  const std::string end = LineEndOf(text);
  const bool open_line = !text.empty() && text.back() != '\n';
  return text + (open_line ? end : "") + line + end;
}

std::string IndentOf(const YamlNode& node) {
  return std::string(static_cast<std::size_t>(std::max(node.column - 1, 0)), ' ');
}

std::string Quoted(const std::string& text) {
  std::string quoted = "\"";
  for (const char character : text) {
    const auto byte = static_cast<unsigned char>(character);
    if (character == '"' || character == '\\') {
      quoted += '\\';
      quoted += character;
    } else if (byte < 0x20 || byte == 0x7F) {
      quoted += fmt::format("\\x{:02X}", byte);
    } else {
      quoted += character;
    }
  }
  return quoted + "\"";
}

/// EscapeControls first: what cannot be printed would be refused by YAML or mislead a reader.
std::string EntryOf(const Exception& excepted) {
  std::string entry = fmt::format("{{release: {}, because: {}, reason: {}",
                                  excepted.release.text(),
                                  Word(excepted.because),
                                  Quoted(EscapeControls(excepted.reason)));
  if (!excepted.by.empty()) entry += ", by: " + Quoted(excepted.by);
  return entry + "}";
}

/// A new key at the top of a mapping; an empty document gets it at the end.
std::string WithKey(const std::string& text,
                    const YamlNode& root,
                    const std::string& flow,
                    const std::string& block) {
  if (root.kind != YamlNode::Kind::kMapping) return WithLineAtEnd(text, block);
  if (StartsFlow(text, root)) {
    const std::string separator = root.entries.empty() ? "" : ", ";
    return Spliced(text, root.begin_offset + 1, root.begin_offset + 1, flow + separator);
  }
  const YamlNode& first = root.entries.front().key;
  const std::string end = LineEndOf(text);
  const std::string indent = IndentOf(first);
  return Spliced(text, first.begin_offset, first.begin_offset, block + end + indent);
}

std::string WithRelease(const std::string& text, const YamlNode& root, const std::string& release) {
  const YamlNode* value = root.Find("release");
  if (value == nullptr) {
    const std::string pair = "release: " + release;
    return WithKey(text, root, pair, pair);
  }
  const bool unwritten = value->begin_offset == value->end_offset;
  return Spliced(text, value->begin_offset, value->end_offset, unwritten ? " " + release : release);
}

std::string WithException(const std::string& text, const YamlNode& root, const std::string& entry) {
  const YamlNode* value = root.Find("except");
  if (value == nullptr) {
    const std::string flow = "except: [" + entry + "]";
    if (root.kind != YamlNode::Kind::kMapping || StartsFlow(text, root)) {
      const std::string end = LineEndOf(text);
      return WithKey(text, root, flow, "except:" + end + "  - " + entry);
    }
    const YamlNode::Entry& last = root.entries.back();
    const std::string indent = IndentOf(root.entries.front().key);
    const std::size_t at = std::max(last.key.end_offset, last.value.end_offset);
    return WithLineAfter(text, at, indent + "except:" + LineEndOf(text) + indent + "  - " + entry);
  }
  if (value->kind == YamlNode::Kind::kNull) {
    const bool unwritten = value->begin_offset == value->end_offset;
    return Spliced(
        text, value->begin_offset, value->end_offset, (unwritten ? " [" : "[") + entry + "]");
  }
  if (StartsFlow(text, *value)) {
    const std::string separator = value->items.empty() ? "" : ", ";
    return Spliced(text, value->begin_offset + 1, value->begin_offset + 1, entry + separator);
  }
  // Items of a block list share a column; the dash of the first one is where the list begins.
  return WithLineAfter(text, value->items.back().end_offset, IndentOf(*value) + "- " + entry);
}

/// EscapeControls as for exceptions.
std::string ValueOf(const Hold& hold) {
  std::string value = "{reason: " + Quoted(EscapeControls(hold.reason));
  if (hold.until) value += ", until: " + FormatTime(*hold.until);
  return value + (hold.healing ? "}" : ", healing: off}");
}

/// A key behind all others, or in an empty document.
std::string WithLastKey(const std::string& text, const YamlNode& root, const std::string& pair) {
  if (root.kind != YamlNode::Kind::kMapping || StartsFlow(text, root)) {
    return WithKey(text, root, pair, pair);
  }
  const YamlNode::Entry& last = root.entries.back();
  const std::size_t at = std::max(last.key.end_offset, last.value.end_offset);
  return WithLineAfter(text, at, IndentOf(root.entries.front().key) + pair);
}

std::string WithHold(const std::string& text, const YamlNode& root, const std::string& hold) {
  const YamlNode* value = root.Find("hold");
  if (value == nullptr) return WithLastKey(text, root, "hold: " + hold);
  // A block scalar at its end has its line feed inside.
  const bool line = value->end_offset > 0 && text[value->end_offset - 1] == '\n';
  return Spliced(
      text, value->begin_offset, value->end_offset, hold + (line ? LineEndOf(text) : ""));
}

/// Out of `{a: b, hold: …}`: with the comma before it, else the one behind it.
std::string WithoutFlowEntry(const std::string& text, const YamlNode& root, std::size_t index) {
  const auto& entries = root.entries;
  const std::size_t begin =
      index > 0 ? entries[index - 1].value.end_offset : entries[index].key.begin_offset;
  const bool only = entries.size() == 1;
  const std::size_t end =
      index > 0 || only ? entries[index].value.end_offset : entries[1].key.begin_offset;
  return Spliced(text, begin, end, "");
}

std::string WithoutHold(const std::string& text, const YamlNode& root) {
  const auto entry = std::find_if(root.entries.begin(), root.entries.end(), [](const auto& one) {
    return one.key.scalar == "hold";
  });
  const auto index = static_cast<std::size_t>(entry - root.entries.begin());
  if (StartsFlow(text, root)) return WithoutFlowEntry(text, root, index);
  const std::size_t before = text.rfind('\n', entry->key.begin_offset);
  const std::size_t begin = before == std::string::npos ? 0 : before + 1;
  const std::size_t last = std::max(entry->key.end_offset, entry->value.end_offset);
  if (last > 0 && text[last - 1] == '\n') return Spliced(text, begin, last, "");
  const std::size_t feed = text.find('\n', last);
  return Spliced(text, begin, feed == std::string::npos ? text.size() : feed + 1, "");
}

bool SaysTheSame(const Desired& a, const Desired& b) {
  return a.newest == b.newest && a.none == b.none && a.release == b.release &&
         a.except == b.except && a.hold == b.hold;
}

/// Order of exceptions has no meaning, and the place of a new one depends on the layout.
void SortExceptions(Desired& desired) {
  std::sort(
      desired.except.begin(), desired.except.end(), [](const Exception& a, const Exception& b) {
        return std::tie(a.release, a.because, a.reason, a.by) <
               std::tie(b.release, b.because, b.reason, b.by);
      });
}

using Edit = std::function<std::string(const std::string& text, const YamlNode& root)>;

Parsed<std::string> Apply(const std::string& text, Desired expected, const Edit& edit) {
  const std::string file = DesiredPath(expected.environment, expected.project);
  const Parsed<YamlNode> root = ParseYaml(text, file);
  if (!root) return root.error();
  std::string edited = edit(text, *root);
  Desired read = ReadDesired(expected.environment, expected.project, edited);
  SortExceptions(read);
  SortExceptions(expected);
  if (!read.problems.empty() || !SaysTheSame(read, expected)) {
    return Problems{Problem{file,
                            0,
                            0,
                            "the file is written in a form that cannot be changed without touching "
                            "the rest of it: edit it by hand"}};
  }
  return edited;
}

bool SameNode(const YamlNode& a, const YamlNode& b) {
  return a.kind == b.kind && a.scalar == b.scalar && a.quoted == b.quoted &&
         std::equal(a.items.begin(), a.items.end(), b.items.begin(), b.items.end(), SameNode) &&
         std::equal(a.entries.begin(),
                    a.entries.end(),
                    b.entries.begin(),
                    b.entries.end(),
                    [](const YamlNode::Entry& one, const YamlNode::Entry& other) {
                      return SameNode(one.key, other.key) && SameNode(one.value, other.value);
                    });
}

/// Out of a file with problems elsewhere, which stay as they are. Its other keys must be untouched,
/// else its own problems are the answer.
Parsed<std::string> WithoutHoldBesideProblems(const std::string& text, const Desired& broken) {
  const std::string file = DesiredPath(broken.environment, broken.project);
  const Parsed<YamlNode> root = ParseYaml(text, file);
  if (!root || !broken.hold) {
    return root ? Parsed<std::string>(text) : Parsed<std::string>(root.error());
  }
  std::string edited = WithoutHold(text, *root);
  const Desired left = ReadDesired(broken.environment, broken.project, edited);
  const Parsed<YamlNode> read = ParseYaml(edited, file);
  YamlNode expected = *root;
  std::erase_if(expected.entries, [](const auto& entry) { return entry.key.scalar == "hold"; });
  const bool safe = read && !left.hold && left.problems.size() == broken.problems.size() &&
                    SameNode(expected, *read);
  return safe ? Parsed<std::string>(std::move(edited)) : Parsed<std::string>(broken.problems);
}

}  // namespace

Parsed<std::string> SetRelease(const EnvironmentName& environment,
                               const ProjectName& project,
                               const std::optional<std::string>& text,
                               const std::string& release) {
  const std::string before = text.value_or(HeaderOf(environment, project));
  Desired expected = ReadDesired(environment, project, before);
  if (!expected.problems.empty()) return expected.problems;
  const Desired wanted = ReadDesired(environment, project, "release: " + Quoted(release));
  if (!wanted.problems.empty()) return wanted.problems;
  if (wanted.newest == expected.newest && wanted.none == expected.none &&
      wanted.release == expected.release) {
    return before;
  }
  expected.newest = wanted.newest;
  expected.none = wanted.none;
  expected.release = wanted.release;
  return Apply(before, expected, [&release](const std::string& from, const YamlNode& root) {
    return WithRelease(from, root, release);
  });
}

Parsed<std::string> AddException(const EnvironmentName& environment,
                                 const ProjectName& project,
                                 const std::optional<std::string>& text,
                                 const Exception& exception) {
  const std::string before = text.value_or(HeaderOf(environment, project));
  Desired expected = ReadDesired(environment, project, before);
  if (!expected.problems.empty()) return expected.problems;
  for (const Exception& known : expected.except) {
    if (known.release == exception.release && known.because == exception.because) return before;
  }
  const std::string entry = EntryOf(exception);
  const Desired added = ReadDesired(environment, project, "except: [" + entry + "]");
  if (!added.problems.empty()) return added.problems;
  expected.except.push_back(added.except.front());
  return Apply(before, expected, [&entry](const std::string& from, const YamlNode& root) {
    return WithException(from, root, entry);
  });
}

Parsed<std::string> SetHold(const EnvironmentName& environment,
                            const ProjectName& project,
                            const std::optional<std::string>& text,
                            const std::optional<Hold>& hold) {
  const std::string before = text.value_or(HeaderOf(environment, project));
  Desired expected = ReadDesired(environment, project, before);
  if (!hold && !expected.problems.empty()) return WithoutHoldBesideProblems(before, expected);
  if (!expected.problems.empty()) return expected.problems;
  std::optional<Hold> wanted;
  if (hold) {
    const Desired read = ReadDesired(environment, project, "hold: " + ValueOf(*hold));
    if (!read.problems.empty()) return read.problems;
    wanted = read.hold;
  }
  if (wanted == expected.hold) return before;
  expected.hold = wanted;
  return Apply(before, expected, [&wanted](const std::string& from, const YamlNode& root) {
    return wanted ? WithHold(from, root, ValueOf(*wanted)) : WithoutHold(from, root);
  });
}

}  // namespace failgate
