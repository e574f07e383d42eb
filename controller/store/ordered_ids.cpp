#include "controller/store/ordered_ids.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>

#include "controller/base/ids.h"

namespace failgate {
namespace {

constexpr unsigned kCounterEnd = 0x1000;
constexpr std::size_t kUuidSize = 36;
constexpr std::size_t kCounterOffset = 15;

std::optional<long long> Hex(std::string_view digits) {
  long long value = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

}  // namespace

std::string OrderedIds::Next(TimePoint now) {
  const long long milliseconds = now.time_since_epoch().count();
  State mine;
  {
    auto state = state_.Lock();
    if (milliseconds > state->milliseconds) {
      state->milliseconds = milliseconds;
      state->counter = 0;
    } else if (++state->counter == kCounterEnd) {
      ++state->milliseconds;
      state->counter = 0;
    }
    mine = *state;
  }
  std::string id = NewUuid(TimePoint(Milliseconds(mine.milliseconds)));
  id.replace(kCounterOffset, 3, fmt::format("{:03x}", mine.counter));
  return id;
}

void OrderedIds::After(std::string_view id) {
  if (id.size() != kUuidSize || id[8] != '-') return;
  const std::optional<long long> high = Hex(id.substr(0, 8));
  const std::optional<long long> low = Hex(id.substr(9, 4));
  const std::optional<long long> counter = Hex(id.substr(kCounterOffset, 3));
  if (!high || !low || !counter) return;
  const long long milliseconds = (*high << 16U) | *low;
  auto state = state_.Lock();
  if (milliseconds < state->milliseconds) return;
  state->milliseconds = milliseconds;
  state->counter = static_cast<unsigned>(*counter);
}

}  // namespace failgate
