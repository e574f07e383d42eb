// desired/E/P.yaml: which release people want. Read strictly, edited by splicing bytes.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/clock.h"
#include "controller/base/ids.h"
#include "controller/base/result.h"

namespace failgate {

/// Which ingredient of the release is bad.
enum class Because { kCode, kData, kBoth, kAll };
[[nodiscard]] std::string Word(Because because);
[[nodiscard]] std::optional<Because> ParseBecause(const std::string& word);

/// A release that is never chosen again.
struct Exception {
  ReleaseName release;
  Because because = Because::kAll;
  std::string reason;
  std::string by;  ///< a person as FormatPerson writes one, or empty
  bool operator==(const Exception&) const = default;
};

/// `hold:`: all automation of the pair stands still.
struct Hold {
  std::optional<TimePoint> until;  ///< in whole seconds; it is over by itself then; nullopt = never
  std::string reason;
  bool healing = true;  ///< `healing: off`: drift is told, and not repaired
  bool operator==(const Hold&) const = default;
};
[[nodiscard]] inline bool IsOver(const std::optional<TimePoint>& until, TimePoint now) {
  return until && *until <= now;
}

struct Desired {
  EnvironmentName environment;
  ProjectName project;
  ObjectId blob;
  bool newest = false;                 ///< `release: newest`
  bool none = false;                   ///< `release: none`: taken away by `remove`
  std::optional<ReleaseName> release;  ///< `release: churn-42`
  std::vector<Exception> except;
  std::optional<Hold> hold;
  Problems problems;  ///< a file with problems stops the automation of the pair
};

/// "desired/prod/churn.yaml".
[[nodiscard]] std::string DesiredPath(const EnvironmentName& environment,
                                      const ProjectName& project);

/// Never fails as a whole: faults are in `problems`.
[[nodiscard]] Desired ReadDesired(const EnvironmentName& environment,
                                  const ProjectName& project,
                                  std::string_view text);

/// The text that names `release` ("churn-42", "newest" or "none"). Comments, layout and line ends
/// stay; only the value changes. nullopt text: the file does not exist yet. A file with problems,
/// or written in a form that cannot be spliced safely, is refused with its problems.
[[nodiscard]] Parsed<std::string> SetRelease(const EnvironmentName& environment,
                                             const ProjectName& project,
                                             const std::optional<std::string>& text,
                                             const std::string& release);

/// Adds one entry under `except`; the same text back when release and because are there already.
[[nodiscard]] Parsed<std::string> AddException(const EnvironmentName& environment,
                                               const ProjectName& project,
                                               const std::optional<std::string>& text,
                                               const Exception& exception);

/// Writes `hold`, in place of the one that is there; nullopt takes it out, with the comment on its
/// own line, also beside problems that are not the hold's and stay. The same text back when it says
/// so already.
[[nodiscard]] Parsed<std::string> SetHold(const EnvironmentName& environment,
                                          const ProjectName& project,
                                          const std::optional<std::string>& text,
                                          const std::optional<Hold>& hold);

}  // namespace failgate
