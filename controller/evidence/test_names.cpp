#include "controller/evidence/test_names.h"

#include <algorithm>
#include <string>
#include <vector>

namespace failgate {
namespace {

bool IsLower(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool IsUpper(char c) {
  return c >= 'A' && c <= 'Z';
}

/// Where camel case begins a word: "aB" before the B, "ABc" before the B too.
bool BeginsWord(std::string_view name, std::size_t at) {
  if (at == 0 || !IsUpper(name[at])) {
    return false;
  }
  const bool before_lower = at + 1 < name.size() && IsLower(name[at + 1]);
  return IsLower(name[at - 1]) || (IsUpper(name[at - 1]) && before_lower);
}

/// Lower-case words; bytes that are neither letters of ASCII nor separators belong to their word.
std::vector<std::string> WordsOf(std::string_view name) {
  std::vector<std::string> words(1);
  for (std::size_t at = 0; at < name.size(); ++at) {
    const char c = name[at];
    const bool parts = std::string_view("_- []().:/,").find(c) != std::string_view::npos;
    if ((parts || BeginsWord(name, at)) && !words.back().empty()) {
      words.emplace_back();
    }
    if (!parts) {
      words.back() += IsUpper(c) ? static_cast<char>(c - 'A' + 'a') : c;
    }
  }
  if (words.back().empty()) {
    words.pop_back();
  }
  return words;
}

}  // namespace

bool IsGivenWhenThen(std::string_view name) {
  const std::vector<std::string> words = WordsOf(name);
  auto at = words.begin();
  if (at != words.end() && *at == "test") {
    ++at;
  }
  if (at == words.end() || *at != "given") {
    return false;
  }
  for (const char* next : {"when", "then"}) {
    // One word at least lies between two of them.
    if (words.end() - at < 3) {
      return false;
    }
    at = std::find(at + 2, words.end(), next);
  }
  return at != words.end() && at + 1 != words.end();
}

bool SaysRealCall(std::string_view name) {
  const std::vector<std::string> words = WordsOf(name);
  const auto denies = [](const std::string& word) {
    return word == "no" || word == "not" || word == "without" || word == "never";
  };
  for (std::size_t i = 1; i < words.size(); ++i) {
    const bool said = words[i - 1] == "real" && (words[i] == "call" || words[i] == "calls");
    if (said && (i < 2 || !denies(words[i - 2]))) {
      return true;
    }
  }
  return false;
}

}  // namespace failgate
