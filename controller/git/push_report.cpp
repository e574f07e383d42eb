#include "controller/git/push_report.h"

#include <algorithm>
#include <array>

#include "controller/base/secret.h"
#include "controller/base/text.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxTextCharacters = 500;

/// A remote's words for "the ref is no longer what you said it was", of git itself and of the
/// forges.
constexpr std::array<std::string_view, 8> kMovedRef = {"failed to update ref",
                                                       "cannot lock ref",
                                                       "failed to lock",
                                                       "incorrect old value",
                                                       "reference already exists",
                                                       "fetch first",
                                                       "stale info",
                                                       "but expected"};

bool HasMoved(std::string_view summary) {
  if (summary.substr(0, 10) == "[rejected]") {
    return true;
  }
  return summary.substr(0, 17) == "[remote rejected]" &&
         std::any_of(kMovedRef.begin(), kMovedRef.end(), [summary](std::string_view words) {
           return summary.find(words) != std::string_view::npos;
         });
}

}  // namespace

PushResult JudgeRef(const std::string& summary, const std::string& complaint) {
  const std::string text = complaint.empty() ? summary : summary + ": " + complaint;
  return {HasMoved(summary) ? PushOutcome::kLostRace : PushOutcome::kRefused,
          OneLine(Redact(text), kMaxTextCharacters)};
}

std::optional<PushResult> JudgePushReport(std::string_view report,
                                          const std::string& ref,
                                          const std::string& complaint) {
  for (const std::string& line : Split(report, '\n')) {
    const std::vector<std::string> fields = Split(line, '\t');
    if (fields.size() != 3 || fields[0].size() != 1 || fields[1].size() <= ref.size() ||
        fields[1].compare(fields[1].size() - ref.size() - 1, std::string::npos, ":" + ref) != 0) {
      continue;
    }
    const std::string& summary = fields[2];
    if (fields[0] != "!") {
      return PushResult{PushOutcome::kPushed, ""};
    }
    if (summary.compare(0, 16, "[remote failure]") == 0) {
      return std::nullopt;
    }
    return JudgeRef(summary, complaint);
  }
  return std::nullopt;
}

}  // namespace failgate
