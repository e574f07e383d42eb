#include "controller/api/rate_limiter.h"

#include <algorithm>
#include <chrono>

#include "controller/api/network.h"

namespace failgate {

double RateLimiter::UsedNow(const Bucket& bucket, SteadyTime now) const {
  const double seconds = std::chrono::duration<double>(now - bucket.at).count();
  return std::max(0.0, bucket.used - seconds * options_.per_second);
}

bool RateLimiter::Allows(const std::string& key) const {
  if (options_.per_second <= 0) {
    return true;
  }
  const SteadyTime now = clock_.Steady();
  auto state = state_.Lock();
  const auto found = state->buckets.find(NetworkOf(key));
  if (found != state->buckets.end()) {
    return UsedNow(found->second, now) < options_.burst;
  }
  const bool full = state->buckets.size() >= options_.max_keys;
  return !full || UsedNow(state->shared, now) < options_.burst;
}

void RateLimiter::Count(const std::string& key) {
  if (options_.per_second <= 0) {
    return;
  }
  const SteadyTime now = clock_.Steady();
  auto state = state_.Lock();
  const std::string network = NetworkOf(key);
  auto found = state->buckets.find(network);
  if (found == state->buckets.end() && state->buckets.size() >= options_.max_keys) {
    DropRefilled(*state, now);
  }
  if (found == state->buckets.end() && state->buckets.size() < options_.max_keys) {
    found = state->buckets.emplace(network, Bucket{0, now}).first;
  }
  Bucket& bucket = found == state->buckets.end() ? state->shared : found->second;
  bucket.used = std::min(UsedNow(bucket, now) + 1, options_.burst);
  bucket.at = now;
}

void RateLimiter::DropRefilled(State& state, SteadyTime now) const {
  for (auto bucket = state.buckets.begin(); bucket != state.buckets.end();) {
    bucket = UsedNow(bucket->second, now) <= 0 ? state.buckets.erase(bucket) : std::next(bucket);
  }
}

}  // namespace failgate
