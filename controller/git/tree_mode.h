// How git writes what an entry of a tree is.
#pragma once

#include <string_view>

#include "controller/git/repository.h"

namespace failgate {

/// "100644", "100755", "120000", "040000", "160000".
[[nodiscard]] std::string_view TreeModeOf(TreeEntryKind kind);

}  // namespace failgate
