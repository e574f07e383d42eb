#include "controller/base/yaml_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <tuple>
#include <utility>

#include "controller/base/ids.h"
#include "controller/base/text.h"

namespace failgate {
namespace {

constexpr std::size_t kShownCharacters = 80;

std::string Shown(const YamlNode& node) {
  return fmt::format("\"{}\"", OneLine(node.scalar, kShownCharacters));
}

std::string Bound(double value) {
  return FormatNumber(value);
}

bool IsScalar(const YamlNode& node,
              const std::string& what,
              std::string_view kind,
              ProblemSink& problems) {
  if (node.kind == YamlNode::Kind::kScalar) {
    return true;
  }
  const char* found = node.kind == YamlNode::Kind::kSequence  ? "a list"
                      : node.kind == YamlNode::Kind::kMapping ? "a mapping"
                                                              : "empty";
  problems.Add(node, fmt::format("{}: must be {}, not {}", what, kind, found));
  return false;
}

/// Integer text as people mean it: no blanks, no leading zeros (YAML readers differ on octal).
std::optional<long long> IntegerOf(std::string_view text) {
  const bool negative = !text.empty() && text.front() == '-';
  const std::string_view digits = text.substr(negative ? 1 : 0);
  const auto value = ParseNonNegative(digits);
  if (!value || (digits.size() > 1 && digits.front() == '0')) {
    return std::nullopt;
  }
  return negative ? -*value : *value;
}

std::optional<long long> SizeOf(std::string_view text) {
  struct Unit {
    std::string_view name;
    long long bytes;
  };
  constexpr std::array<Unit, 4> kSizeUnits{
      {{"KiB", 1LL << 10U}, {"MiB", 1LL << 20U}, {"GiB", 1LL << 30U}, {"TiB", 1LL << 40U}}};
  long long factor = 1;
  for (const Unit& unit : kSizeUnits) {
    if (text.size() > unit.name.size() &&
        text.substr(text.size() - unit.name.size()) == unit.name) {
      factor = unit.bytes;
      text.remove_suffix(unit.name.size());
      break;
    }
  }
  const auto count = IntegerOf(text);
  if (!count || *count < 0 || *count > std::numeric_limits<long long>::max() / factor) {
    return std::nullopt;
  }
  return *count * factor;
}

}  // namespace

void ProblemSink::Add(const YamlNode& at, std::string text) {
  problems_.push_back({file_, at.line, at.column, std::move(text)});
}

void ProblemSink::AddForFile(std::string text) {
  problems_.push_back({file_, 0, 0, std::move(text)});
}

Problems ProblemSink::Take() {
  std::stable_sort(problems_.begin(), problems_.end(), [](const Problem& a, const Problem& b) {
    return std::tie(a.line, a.column) < std::tie(b.line, b.column);
  });
  return std::exchange(problems_, {});
}

MappingReader::MappingReader(const YamlNode& node, std::string name, ProblemSink& problems)
    : node_(node), name_(std::move(name)), problems_(problems) {
  if (node.kind != YamlNode::Kind::kMapping && node.kind != YamlNode::Kind::kNull) {
    problems_.Add(node, fmt::format("{} must be a mapping (key: value)", Owner()));
    is_mapping_ = false;
  }
}

std::string MappingReader::Owner() const {
  return name_.empty() ? "the file" : name_;
}

std::string MappingReader::PathOf(const std::string& key) const {
  return name_.empty() ? key : fmt::format("{}.{}", name_, key);
}

const YamlNode* MappingReader::Optional(const std::string& key) {
  Allow(key);
  const YamlNode* value = node_.Find(key);
  return value == nullptr || value->kind == YamlNode::Kind::kNull ? nullptr : value;
}

const YamlNode* MappingReader::Required(const std::string& key) {
  const YamlNode* value = Optional(key);
  if (value == nullptr && is_mapping_) {
    const YamlNode* empty = node_.Find(key);
    problems_.Add(empty == nullptr ? node_ : *empty, fmt::format("{} needs \"{}\"", Owner(), key));
  }
  return value;
}

std::optional<std::string> MappingReader::String(const std::string& key) {
  const YamlNode* value = Optional(key);
  return value == nullptr ? std::nullopt : ReadString(*value, PathOf(key), problems_);
}

std::string MappingReader::RequiredString(const std::string& key) {
  const YamlNode* value = Required(key);
  if (value == nullptr) {
    return {};
  }
  const auto text = ReadString(*value, PathOf(key), problems_);
  if (text && text->empty()) {
    problems_.Add(*value, fmt::format("{}: must not be empty", PathOf(key)));
  }
  return text.value_or("");
}

std::optional<bool> MappingReader::Bool(const std::string& key) {
  const YamlNode* value = Optional(key);
  return value == nullptr ? std::nullopt : ReadBool(*value, PathOf(key), problems_);
}

std::optional<long long> MappingReader::Integer(const std::string& key,
                                                long long min,
                                                long long max) {
  const YamlNode* value = Optional(key);
  return value == nullptr ? std::nullopt : ReadInteger(*value, PathOf(key), min, max, problems_);
}

std::optional<double> MappingReader::Number(const std::string& key, double min, double max) {
  const YamlNode* value = Optional(key);
  if (value == nullptr) {
    return std::nullopt;
  }
  const auto number = ReadNumber(*value, PathOf(key), problems_);
  if (number && (*number < min || *number > max)) {
    problems_.Add(*value,
                  fmt::format("{}: must be from {} to {}", PathOf(key), Bound(min), Bound(max)));
    return std::nullopt;
  }
  return number;
}

std::optional<Milliseconds> MappingReader::Duration(const std::string& key) {
  const YamlNode* value = Optional(key);
  if (value == nullptr || !IsScalar(*value, PathOf(key), "a duration", problems_)) {
    return std::nullopt;
  }
  const auto duration = ParseDuration(value->scalar);
  if (!duration) {
    problems_.Add(*value,
                  fmt::format("{}: {} is not a duration: write for example 30s, 10m or 2h",
                              PathOf(key),
                              Shown(*value)));
  }
  return duration;
}

std::optional<long long> MappingReader::Size(const std::string& key) {
  const YamlNode* value = Optional(key);
  if (value == nullptr || !IsScalar(*value, PathOf(key), "a size", problems_)) {
    return std::nullopt;
  }
  const auto size = SizeOf(value->scalar);
  if (!size) {
    problems_.Add(
        *value,
        fmt::format("{}: {} is not a size: write for example 512MiB, 4GiB or a number of bytes",
                    PathOf(key),
                    Shown(*value)));
  }
  return size;
}

std::optional<std::string> MappingReader::Name(const std::string& key) {
  const YamlNode* value = Optional(key);
  if (value == nullptr || !IsScalar(*value, PathOf(key), "a name", problems_)) {
    return std::nullopt;
  }
  if (IsReservedName(value->scalar)) {
    problems_.Add(*value, fmt::format("{}: the name {} is reserved", PathOf(key), Shown(*value)));
    return std::nullopt;
  }
  if (!IsValidName(value->scalar)) {
    problems_.Add(
        *value,
        fmt::format("{}: {} is not a name: use a-z, 0-9, '.', '_' and '-', starting with a "
                    "letter or digit, at most 63 characters",
                    PathOf(key),
                    Shown(*value)));
    return std::nullopt;
  }
  return value->scalar;
}

std::optional<std::vector<std::string>> MappingReader::Strings(const std::string& key) {
  const YamlNode* value = Optional(key);
  if (value == nullptr) {
    return std::nullopt;
  }
  if (value->kind != YamlNode::Kind::kSequence) {
    if (!IsScalar(*value, PathOf(key), "a text or a list of texts", problems_)) {
      return std::nullopt;
    }
    return std::vector<std::string>{value->scalar};
  }
  std::vector<std::string> texts;
  for (const YamlNode& item : value->items) {
    const auto text = ReadString(
        item, fmt::format("{}[{}]", PathOf(key), &item - value->items.data()), problems_);
    if (!text) {
      return std::nullopt;
    }
    texts.push_back(*text);
  }
  return texts;
}

std::optional<std::string> MappingReader::OneOf(const std::string& key,
                                                const std::vector<std::string>& words) {
  const YamlNode* value = Optional(key);
  const std::string kinds = fmt::format("one of {}", Join(words, ", "));
  if (value == nullptr || !IsScalar(*value, PathOf(key), kinds, problems_)) {
    return std::nullopt;
  }
  if (std::find(words.begin(), words.end(), value->scalar) != words.end()) {
    return value->scalar;
  }
  const auto nearest = NearestWord(value->scalar, words);
  problems_.Add(*value,
                fmt::format("{}: {} is not {}{}",
                            PathOf(key),
                            Shown(*value),
                            kinds,
                            nearest ? fmt::format(": did you mean \"{}\"?", *nearest) : ""));
  return std::nullopt;
}

void MappingReader::NotBuiltYet(const std::string& key, const std::string& what) {
  not_built_.push_back(key);
  for (const YamlNode::Entry& entry : node_.entries) {
    if (entry.key.scalar == key) {
      problems_.Add(entry.key,
                    fmt::format("{} is not available in this version of failgate: remove it ({})",
                                PathOf(key),
                                what));
    }
  }
}

void MappingReader::Allow(const std::string& key) {
  if (std::find(known_.begin(), known_.end(), key) == known_.end()) {
    known_.push_back(key);
  }
}

void MappingReader::Finish() {
  const std::string prefix = name_.empty() ? "" : name_ + ": ";
  for (const YamlNode::Entry& entry : node_.entries) {
    const std::string& key = entry.key.scalar;
    if (std::find(known_.begin(), known_.end(), key) != known_.end() ||
        std::find(not_built_.begin(), not_built_.end(), key) != not_built_.end()) {
      continue;
    }
    const auto nearest = NearestWord(key, known_);
    const std::string advice = nearest          ? fmt::format("did you mean \"{}\"?", *nearest)
                               : known_.empty() ? "no keys are known here"
                                                : "known keys are " + Join(known_, ", ");
    problems_.Add(entry.key, fmt::format("{}unknown key {}: {}", prefix, Shown(entry.key), advice));
  }
}

std::optional<std::string> ReadString(const YamlNode& node,
                                      const std::string& what,
                                      ProblemSink& problems) {
  return IsScalar(node, what, "a text", problems) ? std::optional(node.scalar) : std::nullopt;
}

std::optional<long long> ReadInteger(const YamlNode& node,
                                     const std::string& what,
                                     long long min,
                                     long long max,
                                     ProblemSink& problems) {
  if (!IsScalar(node, what, "a whole number", problems)) {
    return std::nullopt;
  }
  const auto value = node.quoted ? std::nullopt : IntegerOf(node.scalar);
  if (!value) {
    problems.Add(node,
                 fmt::format("{}: {} is not a whole number{}",
                             what,
                             Shown(node),
                             node.quoted ? ": write it without quotes" : ""));
  } else if (*value < min || *value > max) {
    problems.Add(node, fmt::format("{}: must be from {} to {}", what, min, max));
    return std::nullopt;
  }
  return value;
}

std::optional<bool> ReadBool(const YamlNode& node, const std::string& what, ProblemSink& problems) {
  if (!IsScalar(node, what, "true or false", problems)) {
    return std::nullopt;
  }
  if (!node.quoted && (node.scalar == "true" || node.scalar == "false")) {
    return node.scalar == "true";
  }
  problems.Add(node,
               fmt::format("{}: {} is not true or false{}",
                           what,
                           Shown(node),
                           node.quoted ? ": write it without quotes" : ""));
  return std::nullopt;
}

std::optional<double> ReadNumber(const YamlNode& node,
                                 const std::string& what,
                                 ProblemSink& problems) {
  if (!IsScalar(node, what, "a number", problems)) {
    return std::nullopt;
  }
  const auto value = node.quoted ? std::nullopt : ParseNumber(node.scalar);
  if (!value) {
    problems.Add(node,
                 fmt::format("{}: {} is not a number{}",
                             what,
                             Shown(node),
                             node.quoted ? ": write it without quotes" : ""));
  }
  return value;
}

}  // namespace failgate
