// Gate `approvals`: enough of the named people said yes to exactly this record, and none said no.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "policies/facts.h"
#include "policies/gates/gate_settings.h"

namespace failgate {

/// Who is left out although named in `from`.
enum class Excluded {
  kAuthor,     ///< of any commit since what runs
  kRequester,  ///< who asked for the promotion
};

struct ApprovalsGate {
  GateMode mode = GateMode::kEnforce;
  long long count = 1;
  /// Whose no is a veto: all of the floor's `from`, also those a project file leaves out of its
  /// own.
  std::vector<std::string> may_reject;
  std::vector<std::string> from;        ///< lower-case e-mail addresses, sorted, unique
  std::vector<Excluded> excluded;       ///< sorted, unique
  std::optional<Milliseconds> expires;  ///< how long an approval counts
  bool with_signature = false;          ///< only approvals signed by the person's key count
  bool operator==(const ApprovalsGate&) const = default;
};

struct ApprovalsSettings {
  ModeSetting mode;
  MaybeWritten<long long> count;
  MaybeWritten<std::vector<std::string>> from;
  MaybeWritten<std::vector<Excluded>> excluded;
  MaybeWritten<Milliseconds> expires;
  MaybeWritten<bool> with_signature = {};
  int line = 0;
  int column = 0;
};

/// A list of at least one e-mail address: lower-case, sorted; nullopt and a problem for another.
[[nodiscard]] std::optional<std::vector<std::string>> ReadEmails(const YamlNode& node,
                                                                 ProblemSink& problems);
[[nodiscard]] ApprovalsSettings ReadApprovalsSettings(const YamlNode& node, ProblemSink& problems);
[[nodiscard]] ApprovalsGate MergeApprovals(const ApprovalsGate* floor,
                                           const ApprovalsSettings& settings,
                                           MergeProblems& problems);
[[nodiscard]] GateVerdict EvaluateApprovals(const ApprovalsGate& gate, const Facts& facts);

/// Who of `from` approved at `since` or later and is not left out: none while somebody's no stands,
/// or while it is not known who is left out. `gate` nullptr: the policy asks no approvals, and any
/// person whose yes was taken counts.
[[nodiscard]] std::vector<std::string> ApproversSince(const ApprovalsGate* gate,
                                                      const Facts& facts,
                                                      std::optional<TimePoint> since);

}  // namespace failgate
