// New data that nobody trained on yet, because its run waits or was overtaken.
#pragma once

#include <optional>
#include <string>

#include "controller/base/ids.h"
#include "controller/pipeline/plan.h"
#include "controller/store/run_store.h"

namespace failgate {

/// The data that the run of a new head must train on in another run's place: that of a data run of
/// the ref which has not begun, or which was overtaken by one that trains nothing (a refused
/// pipeline, a check). Of a head whose run was planned before a crash the answer stays the same:
/// `base` is what the head is compared with. nullopt: there is none.
[[nodiscard]] std::optional<OvertakenData> FindOvertakenData(const RunStore& runs,
                                                             const SourceName& source,
                                                             const std::string& ref,
                                                             const CommitId& revision,
                                                             const CommitId& base);

}  // namespace failgate
