#include "controller/api/failure_limiter.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "controller/base/digest.h"

namespace failgate {

std::string NetworkOf(const std::string& address) {
  std::array<unsigned char, 16> bytes{};
  if (inet_pton(AF_INET, address.c_str(), bytes.data()) == 1) {
    return "v4 " + HexEncode(std::string(bytes.begin(), bytes.begin() + 4));
  }
  if (inet_pton(AF_INET6, address.c_str(), bytes.data()) != 1) {
    return address;
  }
  constexpr std::array<unsigned char, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  const bool mapped = std::equal(kMapped.begin(), kMapped.end(), bytes.begin());
  const std::string raw(bytes.begin(), bytes.end());
  return mapped ? "v4 " + HexEncode(raw.substr(12)) : "v6 " + HexEncode(raw.substr(0, 8));
}

double FailureLimiter::UsedNow(const Bucket& bucket, SteadyTime now) const {
  const double seconds = std::chrono::duration<double>(now - bucket.at).count();
  return std::max(0.0, bucket.used - seconds * options_.per_second);
}

bool FailureLimiter::Allows(const std::string& address) const {
  const SteadyTime now = clock_.Steady();
  auto state = state_.Lock();
  const auto found = state->buckets.find(NetworkOf(address));
  if (found != state->buckets.end()) {
    return UsedNow(found->second, now) < options_.burst;
  }
  const bool full = state->buckets.size() >= options_.max_addresses;
  return !full || UsedNow(state->shared, now) < options_.burst;
}

void FailureLimiter::Fail(const std::string& address) {
  const SteadyTime now = clock_.Steady();
  auto state = state_.Lock();
  const std::string network = NetworkOf(address);
  auto found = state->buckets.find(network);
  if (found == state->buckets.end() && state->buckets.size() >= options_.max_addresses) {
    DropRefilled(*state, now);
  }
  if (found == state->buckets.end() && state->buckets.size() < options_.max_addresses) {
    found = state->buckets.emplace(network, Bucket{0, now}).first;
  }
  Bucket& bucket = found == state->buckets.end() ? state->shared : found->second;
  bucket.used = std::min(UsedNow(bucket, now) + 1, options_.burst);
  bucket.at = now;
}

void FailureLimiter::DropRefilled(State& state, SteadyTime now) const {
  for (auto bucket = state.buckets.begin(); bucket != state.buckets.end();) {
    bucket = UsedNow(bucket->second, now) <= 0 ? state.buckets.erase(bucket) : std::next(bucket);
  }
}

}  // namespace failgate
