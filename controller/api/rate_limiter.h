// How often one client, or one source, may do something.
#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "controller/base/clock.h"
#include "controller/base/guarded.h"

namespace failgate {

/// A bucket a key, refilled with time; addresses count by network (network.h), a name counts as
/// itself. Bounded: when the table is full of keys that owe, further ones share one bucket, so that
/// nobody gets a fresh one by pushing others out. Thread-safe.
class RateLimiter {
 public:
  struct Options {
    double burst = 1000;      ///< at once
    double per_second = 200;  ///< refill; 0 = no limit
    std::size_t max_keys = 10'000;
  };
  RateLimiter(Options options, const Clock& clock) : options_(options), clock_(clock) {}

  [[nodiscard]] bool Allows(const std::string& key) const;
  void Count(const std::string& key);

 private:
  struct Bucket {
    double used = 0;
    SteadyTime at;
  };
  struct State {
    std::map<std::string, Bucket> buckets;
    Bucket shared;
  };
  [[nodiscard]] double UsedNow(const Bucket& bucket, SteadyTime now) const;
  void DropRefilled(State& state, SteadyTime now) const;

  Options options_;
  const Clock& clock_;
  Guarded<State> state_;
};

}  // namespace failgate
