// Small pure functions on text: UTF-8, escaping, nearest word, splitting.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace failgate {

/// Strict UTF-8 (no overlong forms, no surrogates, at most U+10FFFF).
[[nodiscard]] bool IsUtf8(std::string_view text);
/// One line that cannot break out of where it is printed: control characters (C0, DEL, C1),
/// U+2028/9, bidirectional controls and bytes that are not UTF-8 are written \uXXXX (invalid bytes
/// as �).
[[nodiscard]] std::string EscapeControls(std::string_view text);
/// EscapeControls, cut to max_characters with "…" at the end when it was longer.
[[nodiscard]] std::string OneLine(std::string_view text, std::size_t max_characters = 500);
/// The candidate with the smallest edit distance, if it is near enough to be a typing error.
[[nodiscard]] std::optional<std::string> NearestWord(std::string_view word,
                                                     const std::vector<std::string>& candidates);
[[nodiscard]] std::vector<std::string> Split(std::string_view text, char separator);
/// Whether all parts that Split would make fit; makes none.
template <typename Fits>
[[nodiscard]] bool EveryPart(std::string_view text, char separator, Fits fits) {
  while (true) {
    const std::size_t end = text.find(separator);
    if (!fits(text.substr(0, end))) return false;
    if (end == std::string_view::npos) return true;
    text.remove_prefix(end + 1);
  }
}
[[nodiscard]] std::string Join(const std::vector<std::string>& parts, std::string_view separator);
[[nodiscard]] std::string_view Trim(std::string_view text);
[[nodiscard]] std::string ToLower(std::string_view text);
/// Decimal digits only, no sign, no blanks, no overflow.
[[nodiscard]] std::optional<long long> ParseNonNegative(std::string_view text);
/// A decimal floating-point number and nothing else, independent of the locale; no inf or nan.
[[nodiscard]] std::optional<double> ParseNumber(std::string_view text);
/// Shortest text that reads back as the same number.
[[nodiscard]] std::string FormatNumber(double value);
/// Glob as in .gitignore without negation: '*' and '?' stay inside a path part, "**" crosses parts,
/// a pattern without '/' matches the last part at any depth. Linear in the text for one '*'.
[[nodiscard]] bool GlobMatches(std::string_view pattern, std::string_view path);

}  // namespace failgate
