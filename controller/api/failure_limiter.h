// How often an address may fail to prove who it is.
#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "controller/base/clock.h"
#include "controller/base/guarded.h"

namespace failgate {

/// A bucket of failures an address (IPv6: a /64 network), refilled with time. Bounded: when the
/// table is full of addresses that owe, further ones share one bucket, so that nobody gets a fresh
/// one by pushing others out. Thread-safe.
class FailureLimiter {
 public:
  struct Options {
    double burst = 1000;      ///< failures at once
    double per_second = 200;  ///< refill
    std::size_t max_addresses = 10'000;
  };
  FailureLimiter(Options options, const Clock& clock) : options_(options), clock_(clock) {}

  [[nodiscard]] bool Allows(const std::string& address) const;
  void Fail(const std::string& address);

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

/// What the limiter counts by: the address, of IPv6 its first four groups.
[[nodiscard]] std::string NetworkOf(const std::string& address);

}  // namespace failgate
