// What the program of a gate `command` wrote: untrusted bytes in, a verdict or a refusal out.
#include <nlohmann/json.hpp>

#include "controller/base/text.h"
#include "policies/gates/command.h"
#include "policies/strict_json.h"

namespace failgate {

Result<CommandAnswer> ParseCommandAnswer(std::string_view text) {
  const auto refuse = [](std::string why) { return Refusal{"invalid_answer", std::move(why)}; };
  if (text.size() > kMaxAnswerBytes) return refuse("it is longer than 64 KiB");
  try {
    const nlohmann::json root = ParseStrictJson(text);
    JsonObjectReader reader(root, "answer");
    CommandAnswer answer;
    const auto verdict = ParseVerdict(reader.String("verdict"));
    if (!verdict) return refuse("its verdict is none of pass, fail, wait");
    answer.verdict = *verdict;
    answer.reason = OneLine(reader.String("reason"));
    answer.until = reader.OptionalTime("until");
    reader.Finish();
    if (Trim(answer.reason).empty()) return refuse("its reason is empty");
    if (answer.until && answer.verdict != Verdict::kWait) {
      return refuse("until belongs to the verdict wait");
    }
    return answer;
  } catch (const JsonFault& fault) {
    return refuse(fault.text);
  }
}

}  // namespace failgate
