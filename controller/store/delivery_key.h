// Which deliveries are the same, and a quick "never seen" that spares the database.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "controller/base/clock.h"
#include "controller/base/ids.h"

namespace failgate {

/// 128 bits of a SHA-256 over source, the sender's id and the body's digest.
struct DeliveryKey {
  std::array<std::uint64_t, 2> words{};
  bool operator==(const DeliveryKey&) const = default;
  /// 32 hex digits.
  [[nodiscard]] std::string Text() const;
};
/// nullopt without the sender's id: equal bodies may then be different pushes (back and forth).
[[nodiscard]] std::optional<DeliveryKey> KeyOf(const SourceName& source,
                                               std::string_view delivery_id,
                                               std::string_view body_digest);
/// What Text() gave.
[[nodiscard]] std::optional<DeliveryKey> ParseDeliveryKey(std::string_view text);

struct DeliveryKeyHash {
  std::size_t operator()(const DeliveryKey& key) const { return key.words[0]; }
};

/// The delivery that has a key.
struct KeyedDelivery {
  std::string id;
  TimePoint received_at;
};
using KeyedDeliveries = std::unordered_map<DeliveryKey, KeyedDelivery, DeliveryKeyHash>;

/// Keys of deliveries that are not in the database's table of keys yet, by the segment of the
/// journal that holds the delivery. Not thread-safe.
class RecentKeys {
 public:
  void Add(long long segment, const DeliveryKey& key, KeyedDelivery delivery);
  /// The id of the newest one with this key, if it was received at `since` or later.
  [[nodiscard]] std::optional<std::string> Find(const DeliveryKey& key, TimePoint since) const;

  struct Segment {
    long long number = 0;
    std::shared_ptr<const KeyedDeliveries> keys;
  };
  /// The oldest segment, if it is older than `end`; its keys may be read without a lock as long as
  /// none is added to it.
  [[nodiscard]] std::optional<Segment> OldestBefore(long long end) const;
  void Drop(long long segment);

 private:
  std::map<long long, std::shared_ptr<KeyedDeliveries>> segments_;
};

/// A Bloom filter of fixed size. Never says no to a key that was added; says yes wrongly to one in
/// 900 after two million keys, and more often after more of them. Not thread-safe.
class KeyFilter {
 public:
  KeyFilter();
  void Add(const DeliveryKey& key);
  [[nodiscard]] bool MayHave(const DeliveryKey& key) const;

 private:
  std::vector<std::uint64_t> bits_;
};

}  // namespace failgate
