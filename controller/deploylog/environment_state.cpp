// What a pair remembers of its past, and forgets.
#include <algorithm>
#include <limits>

#include "controller/base/release_number.h"
#include "controller/base/text.h"
#include "controller/deploylog/log_state.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxHistory = 100;

/// Files come from anywhere: their numbers may be the largest there are.
long Next(long number) {
  return number == std::numeric_limits<long>::max() ? number : number + 1;
}

/// Of "approvals/prod/churn-42/alice@example.com.yaml": 42.
long NumberOfFile(const std::string& path) {
  const std::vector<std::string> parts = Split(path, '/');
  return parts.size() > 2 ? ReleaseNumber(ReleaseName(parts[2])) : 0;
}

}  // namespace

const HistoryEntry* EnvironmentState::LastEnd(const ReleaseName& release) const {
  const auto found = std::find_if(history.rbegin(), history.rend(), [&](const HistoryEntry& entry) {
    return entry.release == release;
  });
  return found == history.rend() ? nullptr : &*found;
}

const HistoryEntry* EnvironmentState::EndOf(const ReleaseName& release,
                                            const std::string& spec) const {
  const auto found = std::find_if(history.rbegin(), history.rend(), [&](const HistoryEntry& entry) {
    return entry.release == release && entry.spec == spec;
  });
  return found == history.rend() ? nullptr : &*found;
}

void EnvironmentState::Remember(HistoryEntry entry) {
  entry.order = history.empty() ? 1 : Next(history.back().order);
  history.erase(std::remove_if(history.begin(),
                               history.end(),
                               [&](const HistoryEntry& old) {
                                 return old.release == entry.release && old.spec == entry.spec;
                               }),
                history.end());
  history.push_back(std::move(entry));
  if (history.size() > kMaxHistory) {
    history.erase(history.begin(), history.end() - static_cast<std::ptrdiff_t>(kMaxHistory));
  }
}

void EnvironmentState::SetSteady(std::optional<TimePoint> from) {
  for (HistoryEntry& entry : history) {
    if (entry.release == decided.release && entry.spec == decided.spec &&
        entry.end == DeploymentEnd::kHealthy) {
      entry.steady = from;
    }
  }
}

void EnvironmentState::EndSteadyOfOthers() {
  for (HistoryEntry& entry : history) {
    const bool same = entry.release == decided.release && entry.spec == decided.spec;
    if (!same && entry.steady && !entry.steady_until) {
      entry.steady_until = decided.at;
    }
  }
}

void EnvironmentState::AddOverride(StandingOverride given) {
  overrides.erase(std::remove_if(overrides.begin(),
                                 overrides.end(),
                                 [&](const StandingOverride& old) {
                                   const bool same =
                                       old.release == given.release && old.gate == given.gate;
                                   return same || old.until <= given.at;
                                 }),
                  overrides.end());
  overrides.push_back(std::move(given));
}

void EnvironmentState::TellApproval(const std::string& path, ToldApproval told) {
  approval_files[path] = std::move(told);
  while (approval_files.size() > kApprovalFilesRemembered) {
    auto oldest = approval_files.end();
    for (auto file = approval_files.begin(); file != approval_files.end(); ++file) {
      const bool older =
          oldest == approval_files.end() || NumberOfFile(file->first) < NumberOfFile(oldest->first);
      oldest = file->first != path && older ? file : oldest;
    }
    approval_files.erase(oldest);
  }
}

bool EnvironmentState::RememberVerdict(const ReleaseName& release, const std::string& summary) {
  std::string& remembered = verdicts[release];
  if (remembered == summary) {
    return false;
  }
  remembered = summary;
  while (verdicts.size() > kVerdictsRemembered) {
    auto oldest = verdicts.end();
    for (auto verdict = verdicts.begin(); verdict != verdicts.end(); ++verdict) {
      const bool older =
          oldest == verdicts.end() || ReleaseNumber(verdict->first) < ReleaseNumber(oldest->first);
      // What was just written would else be written again in each pass.
      oldest = verdict->first != release && older ? verdict : oldest;
    }
    verdicts.erase(oldest);
  }
  return true;
}

}  // namespace failgate
