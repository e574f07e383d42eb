// UUIDs version 7 that keep their order within one millisecond and when the clock is set back.
#pragma once

#include <string>
#include <string_view>

#include "controller/base/clock.h"
#include "controller/base/guarded.h"

namespace failgate {

/// Pages, "oldest first" and "which run is newer" compare ids. Thread-safe.
class OrderedIds {
 public:
  /// Greater than every id it gave, and than every id told to After.
  [[nodiscard]] std::string Next(TimePoint now);
  /// Goes on after an id of an earlier start; texts that are no UUID are passed over.
  void After(std::string_view id);

 private:
  struct State {
    long long milliseconds = 0;
    unsigned counter = 0;  ///< the 12 bits after the version (RFC 9562 §6.2, method 1)
  };
  Guarded<State> state_;
};

}  // namespace failgate
