// Which deliveries are the same, and a quick "never seen" that spares the database.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
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

/// Keys of deliveries that are not in the database yet, with their ids. Not thread-safe.
class UnindexedKeys {
 public:
  void Add(const DeliveryKey& key, const std::string& id, TimePoint received_at);
  /// The id of the one with this key, if it was received at `since` or later.
  [[nodiscard]] std::optional<std::string> Find(const DeliveryKey& key, TimePoint since) const;
  /// Unless a later delivery has it.
  void Remove(const DeliveryKey& key, const std::string& id);

 private:
  struct Known {
    std::string id;
    TimePoint received_at;
  };
  std::unordered_map<DeliveryKey, Known, DeliveryKeyHash> known_;
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
