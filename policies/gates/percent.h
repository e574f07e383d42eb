// Percentages of a policy as exact decimals, so that 400 of 500 is 80 % on every machine.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace failgate {

/// 0 < value <= 100 %, at most four decimals.
struct Percent {
  long long ten_thousandths = 0;  ///< of one percent: 80 % = 800,000
  auto operator<=>(const Percent&) const = default;
};

/// "80", "80.5", "99.9999"; nullopt for signs, exponents, more decimals, 0 and over 100.
[[nodiscard]] std::optional<Percent> ParsePercent(std::string_view text);
/// "80 %", "80.5 %".
[[nodiscard]] std::string FormatPercent(Percent percent);
/// covered/total >= percent, in integers. Expects 0 <= covered <= total <= kMaxFactCount, total >
/// 0.
[[nodiscard]] bool ReachesPercent(long long covered, long long total, Percent percent);
/// "78.4 % (392/500)", rounded down: a figure under the bar never reads like the bar.
[[nodiscard]] std::string FormatShare(long long covered, long long total);

}  // namespace failgate
