// Named places at which a test lets the program die, as if it were killed there. Built in with
// FAILGATE_FAIL_POINTS=ON (presets dev and tsan); else both functions do nothing.
#pragma once

#include <array>
#include <chrono>
#include <string_view>

namespace failgate {

/// Every place there is, in the order in which a push passes them; the table of ARCHITECTURE.md
/// says what is found after each. Tests walk this list.
inline constexpr auto kFailPoints = std::to_array<std::string_view>({
    "taken-over",             // `started` is on the remote, nothing was read yet
    "journal-written",        // deliveries written, not synced
    "journal-synced",         // synced, not answered
    "delivery-not-indexed",   // answered, no row
    "delivery-indexed",       // its row made, nobody took it
    "delivery-taken",         // event made, remote not asked
    "watched-file-stored",    // its bytes kept, no row
    "watch-version-taken",    // the version has its row, nobody was told
    "remote-running",         // the git program lists, fetches or pushes
    "fetched",                // the mirror has the head, nothing was planned
    "run-created",            // run queued, head not noted
    "triggered-run-created",  // a run of new data or a time queued, not noted
    "run-started",            // run running, no step begun
    "step-started",           // the step's process exists, its row does not know it
    "step-running",           // the row knows it
    "step-ended",             // step done, row not
    "artifact-staged",        // artifact whole, not in its place
    "artifact-stored",        // in its place, no row
    "steps-ended",            // all steps done, run running
    "run-ended",              // evidence saved, no release
    "log-drafted",            // commits made, not pushed
    "log-pushed",             // pushed, not accepted here
    "owed-pushed",            // releases and results on the remote, rows not marked
    "verdicts-pushed",        // decisions and promotions on the remote, no order given
    "request-taken",          // a request read, nothing of it done
    "main-drafted",           // its commit made, not pushed
    "main-pushed",            // pushed, the request still open
    "request-finished",       // row finished, person not answered
    "check-running",          // a check's process exists, its row knows it
    "check-ended",            // it ended, its outcome is not stored
    "check-stored",           // stored, nobody has read it
    "deployment-applying",    // row applying, target untouched
    "version-half",           // version folder without its manifest
    "version-made",           // whole under its temporary name
    "version-placed",         // folder whole, link not switched
    "link-made",              // new link beside the old one
    "link-switched",          // switched, nothing recorded
    "deployment-checked",     // healthy, row not ended
    "deployment-ended",       // row ended, fact owed
    "health-failed",          // row not yet rolling back
    "rolling-back",           // row rolling back, target untouched
    "drift-seen",             // drifted, not told
    "healing",                // told, target untouched
    "removal-begun",          // ordered on the remote, target untouched
    "link-removed",           // link gone, versions there
    "removal-done",           // all gone, fact owed
    "pruning",                // deployed is on the remote, an old version about to go
    "mlflow-run-made",        // the run of a release is there, its metrics are not
    "mlflow-version-made",    // version of the model there, alias untouched
    "mlflow-alias-due",       // alias marked as ours, not set
    "mlflow-alias-set",       // set, not read back, nothing recorded
    "mlflow-alias-deleted",   // alias gone, its mark there
});

/// The word of a place; does not compile for one that the list lacks.
class FailPointName {
 public:
  consteval FailPointName(const char* name)  // NOLINT(google-explicit-constructor)
      : name_(name) {
    bool listed = false;
    for (const std::string_view known : kFailPoints) listed = listed || known == name_;
    if (!listed) throw "not in kFailPoints";
  }
  [[nodiscard]] constexpr std::string_view text() const { return name_; }

 private:
  std::string_view name_;
};

/// The environment variable FAILGATE_FAIL_POINT arms one place of this process: "NAME" or "NAME:3"
/// kills it (SIGKILL) at the first or third passage, after a line on standard error that says so;
/// "NAME=error" throws Error(kRetry) at every passage. Anything else there ends the program.
/// Thread-safe.
void FailPoint(FailPointName name);

/// What the environment variable FAILGATE_FAIL_CLOCK (whole seconds, may be negative) adds to the
/// machine's wall time: a clock that was set back.
[[nodiscard]] std::chrono::seconds FailClockOffset();

}  // namespace failgate
