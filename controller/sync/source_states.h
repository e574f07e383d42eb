// How each source is doing, when it is polled next, and which one may be looked at now.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "controller/base/clock.h"
#include "controller/base/guarded.h"
#include "controller/config/server_file.h"

namespace failgate {

/// For /readyz, doctor and metrics.
struct SourceStatus {
  SourceName source;
  bool busy = false;
  int failures = 0;  ///< in a row
  std::optional<TimePoint> last_attempt;
  std::optional<TimePoint> last_success;
  std::string last_error;     ///< of the last attempt; redacted; empty = it succeeded
  std::size_t heads = 0;      ///< branches at the remote
  Milliseconds next_poll{0};  ///< from now
};

/// Thread-safe. A source whose last look failed, and one that takes longer than `patience`, no
/// longer takes a place from the others.
class SourceStates {
 public:
  struct Options {
    int workers = 8;  ///< looks at one time that are neither failing nor slow
    Milliseconds patience{500};
    Milliseconds first_backoff{2000};
    Milliseconds max_backoff{300'000};
  };
  SourceStates(const std::vector<SourceSettings>& sources, Options options, const Clock& clock);

  /// Before use: one more source.
  void Add(const SourceName& source, Milliseconds poll);
  /// Sources whose poll is due; their next one is set.
  [[nodiscard]] std::vector<SourceName> TakeDuePolls();
  /// The first of `due` that has a place, busy until Release.
  [[nodiscard]] std::optional<SourceName> Pick(const std::vector<SourceName>& due);
  void Release(const SourceName& source);

  void Attempted(const SourceName& source);
  void Succeeded(const SourceName& source, std::size_t heads);
  /// Answers how long to wait before the next look.
  Milliseconds Failed(const SourceName& source, const std::string& redacted_error);
  /// Whether the next look must replace the mirror.
  void WantNewMirror(const SourceName& source, bool wanted);
  [[nodiscard]] bool WantsNewMirror(const SourceName& source) const;

  [[nodiscard]] std::vector<SourceStatus> All() const;

 private:
  struct State {
    bool busy = false;
    bool wants_new_mirror = false;
    int failures = 0;
    SteadyTime busy_since;
    SteadyTime next_poll;
    Milliseconds poll{0};
    std::optional<TimePoint> last_attempt;
    std::optional<TimePoint> last_success;
    std::string last_error;
    std::size_t heads = 0;
  };
  const Options options_;
  const Clock& clock_;
  Guarded<std::map<SourceName, State>> states_;
};

}  // namespace failgate
