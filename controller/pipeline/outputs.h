// What steps tell each other: the FAILGATE_OUTPUT file and ${{ steps.NAME.outputs.KEY }}.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/result.h"

namespace failgate {

using StepOutputs = std::map<std::string, std::string, std::less<>>;

inline constexpr std::size_t kMaxOutputFileBytes = std::size_t{256} << 10U;
inline constexpr std::size_t kMaxOutputValueBytes = std::size_t{32} << 10U;
inline constexpr std::size_t kMaxOutputKeys = 1000;

/// Lines `key=value`; empty lines are skipped, a key written twice has its last value. Keys match
/// [A-Za-z_][A-Za-z0-9_-]{0,63}; values are UTF-8 without control characters, tab excepted.
/// Anything else is refused with its line number, never with the value (it may be a secret).
[[nodiscard]] Result<StepOutputs> ParseOutputs(std::string_view text);

/// One ${{ steps.NAME.outputs.KEY }}; begin and end are byte offsets of the whole expression.
struct OutputReference {
  std::string step;
  std::string key;
  std::size_t begin = 0;
  std::size_t end = 0;
  bool operator==(const OutputReference&) const = default;
};

/// All expressions of a value in order; refused: an unclosed "${{", any other expression.
[[nodiscard]] Result<std::vector<OutputReference>> FindOutputReferences(std::string_view text);
[[nodiscard]] bool HasExpression(std::string_view text);

/// Replaces each expression by the output of `outputs[step][key]`, once (values are not read
/// again). Refused: a step without outputs, a key that was not written.
[[nodiscard]] Result<std::string> SubstituteOutputs(
    std::string_view text, const std::map<std::string, StepOutputs, std::less<>>& outputs);

/// As SubstituteOutputs, then IsSafeRelativePath: for artifact paths.
[[nodiscard]] Result<std::string> SubstituteOutputsInPath(
    std::string_view text, const std::map<std::string, StepOutputs, std::less<>>& outputs);

}  // namespace failgate
