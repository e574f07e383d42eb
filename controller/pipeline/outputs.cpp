#include "controller/pipeline/outputs.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "controller/base/ids.h"
#include "controller/base/text.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxKeyLength = 64;
constexpr std::string_view kOpen = "${{";
constexpr std::string_view kClose = "}}";
constexpr std::string_view kSteps = "steps.";
constexpr std::string_view kOutputs = ".outputs.";

bool IsOutputKey(std::string_view text) {
  if (text.empty() || text.size() > kMaxKeyLength) {
    return false;
  }
  if (text[0] != '_' && std::isalpha(static_cast<unsigned char>(text[0])) == 0) {
    return false;
  }
  return std::all_of(text.begin(), text.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
  });
}

bool IsOutputValue(std::string_view text) {
  const bool has_control = std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && byte != '\t') || byte == 0x7f;
  });
  return !has_control && IsUtf8(text);
}

Refusal BadLine(std::size_t number, std::string_view what) {
  return Refusal{"output_malformed", fmt::format("FAILGATE_OUTPUT line {}: {}", number, what)};
}

}  // namespace

Result<StepOutputs> ParseOutputs(std::string_view text) {
  if (text.size() > kMaxOutputFileBytes) {
    return Refusal{"output_too_large",
                   fmt::format("FAILGATE_OUTPUT holds {} bytes; at most {} are read",
                               text.size(),
                               kMaxOutputFileBytes)};
  }
  StepOutputs outputs;
  std::size_t number = 0;
  while (!text.empty()) {
    ++number;
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty()) {
      continue;
    }
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos) {
      return BadLine(number, "write key=value");
    }
    const std::string_view key = line.substr(0, equals);
    const std::string_view value = line.substr(equals + 1);
    if (!IsOutputKey(key)) {
      return BadLine(
          number, "a key is 1 to 64 letters, digits, '_' or '-' and starts with a letter or '_'");
    }
    if (value.size() > kMaxOutputValueBytes) {
      return BadLine(number, fmt::format("a value has at most {} bytes", kMaxOutputValueBytes));
    }
    if (!IsOutputValue(value)) {
      return BadLine(number, "a value is UTF-8 text without control characters");
    }
    outputs.insert_or_assign(std::string(key), std::string(value));
    if (outputs.size() > kMaxOutputKeys) {
      return BadLine(number, fmt::format("at most {} keys are read", kMaxOutputKeys));
    }
  }
  return outputs;
}

bool HasExpression(std::string_view text) {
  return text.find(kOpen) != std::string_view::npos;
}

Result<std::vector<OutputReference>> FindOutputReferences(std::string_view text) {
  std::vector<OutputReference> references;
  std::size_t from = 0;
  while (true) {
    const std::size_t begin = text.find(kOpen, from);
    if (begin == std::string_view::npos) {
      return references;
    }
    const std::size_t close = text.find(kClose, begin + kOpen.size());
    if (close == std::string_view::npos) {
      return Refusal{"expression_malformed", "\"${{\" is not closed by \"}}\""};
    }
    const std::string_view inside =
        Trim(text.substr(begin + kOpen.size(), close - begin - kOpen.size()));
    const std::size_t outputs = inside.rfind(kOutputs);
    const bool shaped = inside.substr(0, kSteps.size()) == kSteps &&
                        outputs != std::string_view::npos && outputs >= kSteps.size();
    OutputReference reference;
    if (shaped) {
      reference.step = std::string(inside.substr(kSteps.size(), outputs - kSteps.size()));
      reference.key = std::string(inside.substr(outputs + kOutputs.size()));
    }
    if (!IsValidName(reference.step) || !IsOutputKey(reference.key)) {
      return Refusal{
          "expression_malformed",
          fmt::format("\"{}\" is not understood: only steps.NAME.outputs.KEY can be read",
                      OneLine(inside, 100))};
    }
    reference.begin = begin;
    reference.end = close + kClose.size();
    from = reference.end;
    references.push_back(std::move(reference));
  }
}

Result<std::string> SubstituteOutputs(
    std::string_view text, const std::map<std::string, StepOutputs, std::less<>>& outputs) {
  const auto references = FindOutputReferences(text);
  if (!references) {
    return references.error();
  }
  std::string result;
  std::size_t from = 0;
  for (const OutputReference& reference : *references) {
    const auto step = outputs.find(reference.step);
    if (step == outputs.end()) {
      return Refusal{
          "output_missing",
          fmt::format(
              "step \"{}\" has no outputs to read \"{}\" from", reference.step, reference.key)};
    }
    const auto value = step->second.find(reference.key);
    if (value == step->second.end()) {
      return Refusal{"output_missing",
                     fmt::format("step \"{}\" wrote no output \"{}\" to $FAILGATE_OUTPUT",
                                 reference.step,
                                 reference.key)};
    }
    result += text.substr(from, reference.begin - from);
    result += value->second;
    from = reference.end;
  }
  result += text.substr(from);
  return result;
}

Result<std::string> SubstituteOutputsInPath(
    std::string_view text, const std::map<std::string, StepOutputs, std::less<>>& outputs) {
  Result<std::string> path = SubstituteOutputs(text, outputs);
  if (path && !IsSafeRelativePath(*path)) {
    return Refusal{"output_unsafe_path",
                   fmt::format("\"{}\" became \"{}\", which is not a path inside the workspace",
                               OneLine(text, 200),
                               OneLine(*path, 200))};
  }
  return path;
}

}  // namespace failgate
