// GlobMatches of text.h.
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/text.h"

namespace failgate {
namespace {

constexpr std::size_t kNone = static_cast<std::size_t>(-1);

std::size_t CharacterLength(std::string_view text, std::size_t at) {
  std::size_t length = 1;
  while (at + length < text.size() &&
         (static_cast<unsigned char>(text[at + length]) & 0xC0U) == 0x80U) {
    ++length;
  }
  return length;
}

struct ClassMatch {
  bool matches = false;
  std::size_t next = 0;  ///< behind the ']'
};

/// "[a-z]", "[!x]", "[]x]". nullopt when the bracket is never closed: then it is plain text.
std::optional<ClassMatch> MatchClass(std::string_view pattern, std::size_t open, char character) {
  std::size_t at = open + 1;
  const bool negated = at < pattern.size() && (pattern[at] == '!' || pattern[at] == '^');
  at += negated ? 1 : 0;
  bool found = false;
  for (const std::size_t first = at; at < pattern.size(); ++at) {
    if (pattern[at] == ']' && at > first) {
      return ClassMatch{found != negated, at + 1};
    }
    const char low = pattern[at];
    char high = low;
    if (at + 2 < pattern.size() && pattern[at + 1] == '-' && pattern[at + 2] != ']') {
      at += 2;
      high = pattern[at];
    }
    found = found || (low <= character && character <= high);
  }
  return std::nullopt;
}

/// Matches one pattern element at `at` with the text; gives how far both go on.
struct Advance {
  std::size_t pattern = 0;
  std::size_t text = 0;  ///< 0 = no match
};
Advance MatchOne(std::string_view pattern, std::size_t p, std::string_view text, std::size_t t) {
  const char element = pattern[p];
  if (element == '?') {
    return {1, CharacterLength(text, t)};
  }
  if (element == '[') {
    if (const auto match = MatchClass(pattern, p, text[t])) {
      return {match->next - p, match->matches ? CharacterLength(text, t) : 0};
    }
  }
  if (element == '\\' && p + 1 < pattern.size()) {
    return {2, pattern[p + 1] == text[t] ? std::size_t{1} : 0};
  }
  return {1, element == text[t] ? std::size_t{1} : 0};
}

/// One path part. Only the last star is ever tried again: an earlier one can not do better.
bool PartMatches(std::string_view pattern, std::string_view text) {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = kNone;
  std::size_t star_text = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_text = t;
      continue;
    }
    const Advance step = p < pattern.size() ? MatchOne(pattern, p, text, t) : Advance{};
    if (step.text > 0) {
      p += step.pattern;
      t += step.text;
    } else if (star != kNone) {
      p = star + 1;
      star_text += CharacterLength(text, star_text);
      t = star_text;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

/// As PartMatches one level up: parts are the characters and "**" is the star.
bool PartsMatch(const std::vector<std::string>& pattern, const std::vector<std::string>& path) {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = kNone;
  std::size_t star_path = 0;
  while (t < path.size()) {
    if (p < pattern.size() && pattern[p] == "**") {
      star = p++;
      star_path = t;
    } else if (p < pattern.size() && PartMatches(pattern[p], path[t])) {
      ++p;
      ++t;
    } else if (star != kNone) {
      p = star + 1;
      t = ++star_path;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == "**") {
    ++p;
  }
  return p == pattern.size();
}

}  // namespace

bool GlobMatches(std::string_view pattern, std::string_view path) {
  if (pattern.empty() || path.empty()) {
    return false;
  }
  std::vector<std::string> parts = Split(pattern, '/');
  if (parts.back().empty() && parts.size() > 1) {
    parts.back() = "**";  // "data/" is all that lies in data
    if (parts.size() == 2) {
      parts.insert(parts.begin(), "**");
    }
  }
  if (parts.size() == 1) {
    parts.insert(parts.begin(), "**");
  } else if (parts.front().empty()) {
    parts.erase(parts.begin());  // "/x" is x at the top only
  }
  if (parts.size() > 1 && parts.back() == "**") {
    parts.back() = "*";  // "a/**" is what lies in a, not a itself
    parts.insert(parts.end() - 1, "**");
  }
  return PartsMatch(parts, Split(path, '/'));
}

}  // namespace failgate
