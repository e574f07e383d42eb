// The table of the keys of deliveries, by the segment of the journal that holds the delivery. Every
// function runs inside the session or transaction of its caller.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "controller/base/clock.h"
#include "controller/store/database.h"
#include "controller/store/delivery_key.h"

namespace failgate {

class KeyInsertion {
 public:
  explicit KeyInsertion(Connection& connection);
  /// Quickest in the order of KeyOrder. Segment 0: of deliveries whose segment is not known any
  /// more.
  void Run(long long segment,
           const DeliveryKey& key,
           std::string_view delivery,
           TimePoint received_at);

 private:
  Statement statement_;
};
/// That of the table.
[[nodiscard]] bool KeyOrder(const DeliveryKey& one, const DeliveryKey& other);
/// The id of the newest delivery with this key, if it was received at `since` or later. Looks at
/// one segment after the other, newest first: for keys that were probably seen.
[[nodiscard]] std::optional<std::string> FindKey(Connection& connection,
                                                 const DeliveryKey& key,
                                                 TimePoint since);
void EachKey(Connection& connection, const std::function<void(const DeliveryKey&)>& each);
/// Deletes at most `limit` of the oldest keys that were received before `time`; answers how many.
[[nodiscard]] std::size_t DeleteKeysBefore(Connection& connection,
                                           TimePoint time,
                                           std::size_t limit);

}  // namespace failgate
