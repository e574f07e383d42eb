#include "controller/base/yaml_spans.h"

#include <algorithm>

namespace failgate {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

/// Folding and stripping change blanks only: the other bytes of value and text are the same, in
/// order.
std::size_t EndOfContent(std::string_view text, std::size_t at, std::string_view value) {
  std::size_t end = at;
  for (const char character : value) {
    if (kBlanks.find(character) != std::string_view::npos) {
      continue;
    }
    at = text.find_first_not_of(kBlanks, at);
    if (at == std::string_view::npos || text[at] != character) {
      return end;
    }
    end = ++at;
  }
  return end;
}

std::size_t BehindLine(std::string_view text, std::size_t at) {
  const std::size_t end = text.find('\n', at);
  return end == std::string_view::npos ? text.size() : end + 1;
}

std::size_t BehindQuote(std::string_view text, std::size_t begin, char quote) {
  for (std::size_t at = begin + 1; at < text.size(); ++at) {
    if (quote == '"' && text[at] == '\\') {
      ++at;
    } else if (text[at] == quote) {
      if (quote == '"' || at + 1 >= text.size() || text[at + 1] != quote) {
        return at + 1;
      }
      ++at;  // '' is one apostrophe
    }
  }
  return begin;
}

}  // namespace

std::size_t ScalarEnd(std::string_view text, const YamlNode& node) {
  const std::size_t begin = node.begin_offset;
  if (begin >= text.size()) {
    return text.size();
  }
  const char first = text[begin];
  if (first == '"' || first == '\'') {
    return BehindQuote(text, begin, first);
  }
  if (node.quoted) {
    return BehindLine(
        text, std::max(begin, EndOfContent(text, BehindLine(text, begin), node.scalar) - 1));
  }
  return EndOfContent(text, begin, node.scalar);
}

std::size_t FlowEnd(std::string_view text, std::size_t from, char bracket) {
  std::size_t at = from;
  while (at < text.size() && text[at] != bracket) {
    at = text[at] == '#' ? BehindLine(text, at) : at + 1;
  }
  return std::min(at + 1, text.size());
}

std::size_t AfterColon(std::string_view text, std::size_t from) {
  const std::size_t at = text.find_first_not_of(kBlanks, from);
  return at != std::string_view::npos && text[at] == ':' ? at + 1 : from;
}

}  // namespace failgate
