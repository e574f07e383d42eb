// Running again what compared itself with a champion that runs no more.
#pragma once

#include "controller/base/ids.h"
#include "controller/promotion/situation.h"
#include "controller/release/release_record.h"
#include "policies/decision_json.h"

namespace failgate {

/// Who queues such runs. Called in the promoter's thread, at each pass as long as it is wanted.
class ComparisonRuns {
 public:
  virtual ~ComparisonRuns() = default;
  /// A full training of the release's revision, once for each champion.
  virtual void Want(const ReleaseRecord& release, const ReleaseName& champion) = 0;
};

/// Asks Situation::comparisons where the gate `model` waits for a comparison with what runs in the
/// last environment of the ladder, which is the champion that runs see. Elsewhere a run would look
/// at the same one again; and what another gate refuses is not run for.
/// True: it was wanted.
[[nodiscard]] bool WantComparison(const Situation& situation,
                                  const DecisionRecord& record,
                                  const Policy& policy);

}  // namespace failgate
