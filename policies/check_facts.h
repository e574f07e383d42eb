// What checks of the operations repository and commands of gates found: answers of programs, taken
// as inputs of a decision and never computed again.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "controller/base/clock.h"
#include "controller/base/ids.h"
#include "policies/decision.h"
#include "policies/test_counts.h"

namespace failgate {

/// The files that checks and commands run in: environments/E of one commit, without the files that
/// failgate reads itself (environment.yaml and PROJECT.yaml).
struct CheckFilesFact {
  CommitId commit;     ///< of the operations repository
  std::string digest;  ///< "sha256:…" of paths, modes and blobs; equal digests = equal files
  bool operator==(const CheckFilesFact&) const = default;
};

enum class CheckProgress {
  kDue,      ///< not run for this release, champion and content
  kRunning,  ///< queued or running
  kPassed,
  kFailed,
};

/// One of `checks.before`, and exactly what it was run with.
struct CheckFact {
  std::string name;
  CheckProgress state = CheckProgress::kDue;
  std::string record = {};    ///< "sha256:…" of the candidate's record
  ReleaseName champion = {};  ///< what ran in the environment; empty = nothing did
  std::string spec = {};      ///< CheckDigest of how it was to be run
  std::string files = {};     ///< CheckFilesFact::digest of what it ran in
  TestCounts tests = {};
  std::map<std::string, double> metrics = {};  ///< finite numbers only
  std::string detail = {};                     ///< for people, one line
  std::optional<TimePoint> finished = {};      ///< when passed or failed
  bool operator==(const CheckFact&) const = default;
};

/// What the command of a gate answered, and exactly what it was asked.
struct CommandFact {
  std::string name;
  std::string spec = {};   ///< CommandDigest of how it was to be run
  std::string files = {};  ///< CheckFilesFact::digest of what it ran in
  std::string input = {};  ///< CommandInputDigest of the facts it was given
  TimePoint asked{};
  /// Why there is no answer that counts: it failed, or did not answer in the agreed form. Empty:
  /// `verdict` is its answer.
  std::string fault = {};
  Verdict verdict = Verdict::kFail;
  std::string reason = {};  ///< one line
  std::optional<TimePoint> until = {};
  bool operator==(const CommandFact&) const = default;
};

}  // namespace failgate
