#include "webhooks/json_text.h"

#include <algorithm>
#include <cstddef>

namespace failgate {
namespace {

constexpr std::size_t kEscapeLength = 6;  // \uXXXX

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

int HexValue(char c) {
  if (IsDigit(c)) {
    return c - '0';
  }
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// The code unit of the \uXXXX escape at `at`; -1 when there is none.
int CodeUnit(std::string_view json, std::size_t at) {
  if (json.size() < kEscapeLength || at > json.size() - kEscapeLength || json[at] != '\\' ||
      json[at + 1] != 'u') {
    return -1;
  }
  int unit = 0;
  for (std::size_t i = at + 2; i < at + kEscapeLength; ++i) {
    const int digit = HexValue(json[i]);
    if (digit < 0) {
      return -1;
    }
    unit = unit * 16 + digit;
  }
  return unit;
}

bool IsHighSurrogate(int unit) {
  return unit >= 0xd800 && unit <= 0xdbff;
}
bool IsLowSurrogate(int unit) {
  return unit >= 0xdc00 && unit <= 0xdfff;
}

std::size_t SkipDigits(std::string_view json, std::size_t at) {
  while (at < json.size() && IsDigit(json[at])) {
    ++at;
  }
  return at;
}

// Where the JSON number starting at `at` ends; `at` itself when none does.
std::size_t NumberEnd(std::string_view json, std::size_t at) {
  std::size_t end = at + (json[at] == '-' ? 1 : 0);
  if (end >= json.size() || !IsDigit(json[end])) {
    return at;
  }
  end = json[end] == '0' ? end + 1 : SkipDigits(json, end);
  if (end + 1 < json.size() && json[end] == '.' && IsDigit(json[end + 1])) {
    end = SkipDigits(json, end + 1);
  }
  if (end < json.size() && (json[end] == 'e' || json[end] == 'E')) {
    std::size_t digits = end + 1;
    if (digits < json.size() && (json[digits] == '+' || json[digits] == '-')) {
      ++digits;
    }
    const std::size_t exponent_end = SkipDigits(json, digits);
    end = exponent_end > digits ? exponent_end : end;
  }
  const bool delimited = end >= json.size() ||
                         std::string_view(",]} \t\r\n").find(json[end]) != std::string_view::npos;
  return delimited ? end : at;
}

std::size_t StringEnd(std::string_view json, std::size_t quote) {
  std::size_t at = quote + 1;
  while (at < json.size() && json[at] != '"') {
    at += json[at] == '\\' ? 2 : 1;
  }
  return std::min(at + 1, json.size());
}

}  // namespace

std::optional<std::string> ReplaceLoneSurrogates(std::string_view json) {
  std::optional<std::string> rewritten;
  std::size_t at = json.find('\\');
  while (at != std::string_view::npos && at < json.size()) {
    const int unit = CodeUnit(json, at);
    std::size_t length = unit < 0 ? 2 : kEscapeLength;
    if (IsHighSurrogate(unit) && IsLowSurrogate(CodeUnit(json, at + kEscapeLength))) {
      length = 2 * kEscapeLength;
    } else if (IsHighSurrogate(unit) || IsLowSurrogate(unit)) {
      if (!rewritten) {
        rewritten = std::string(json);
      }
      rewritten->replace(at, kEscapeLength, "\\u001A");
    }
    at = json.find('\\', at + length);
  }
  return rewritten;
}

std::string BlankNumbers(std::string_view json) {
  std::string blanked(json);
  std::size_t at = 0;
  while (at < json.size()) {
    if (json[at] == '"') {
      at = StringEnd(json, at);
      continue;
    }
    if (json[at] != '-' && !IsDigit(json[at])) {
      ++at;
      continue;
    }
    const std::size_t end = NumberEnd(json, at);
    if (end == at) {
      // A malformed number stays whole: its tail must not pass for a number of its own.
      while (at < json.size() &&
             std::string_view(",]} \t\r\n").find(json[at]) == std::string_view::npos) {
        ++at;
      }
      continue;
    }
    std::fill(blanked.begin() + static_cast<std::ptrdiff_t>(at),
              blanked.begin() + static_cast<std::ptrdiff_t>(end),
              ' ');
    blanked[at] = '0';
    at = end;
  }
  return blanked;
}

}  // namespace failgate
