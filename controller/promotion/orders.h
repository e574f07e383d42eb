// From the log to what the reconciler shall keep: each release with the deploy files it was judged
// by.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "controller/promotion/situation.h"
#include "controller/reconcile/order.h"

namespace failgate {

/// Not thread-safe.
class OrderBook {
 public:
  /// One order a pair for which something was decided and not given up. The steps come out of the
  /// decision's own record, never from what main says now: a changed file is a new deployment, not
  /// healing. A pair whose decision or record cannot be read is left out (and logged). An order
  /// whose state and deploy file have the same blobs as at the last call is not made again.
  [[nodiscard]] std::vector<SharedOrder> Build(const Situation& situation, const LogView& log);

 private:
  struct Known {
    std::shared_ptr<const EnvironmentState> state;  ///< it was made of
    ObjectId file;                                  ///< and the deploy file; empty: none was used
    SharedOrder order;
  };
  std::map<EnvironmentProject, Known> known_;
};

/// The release that ran well before and is gone back to when `state`'s order fails; nullptr when
/// there is none.
[[nodiscard]] const HistoryEntry* WayBack(const EnvironmentState& state);

}  // namespace failgate
