// What gates name that is not there: told before a file is committed, where the gate itself could
// only fail later.
#pragma once

#include "controller/promotion/operations_files.h"

namespace failgate {

/// Time zones that this machine's database does not have, and environments to soak in that the tree
/// does not have. None for files that are no gates or have problems of their own.
[[nodiscard]] Problems NamesOfNothing(const OperationsFile& file, const OperationsView& view);

}  // namespace failgate
