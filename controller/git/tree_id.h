// What git calls a folder.
#pragma once

#include <string_view>

#include "controller/base/ids.h"

namespace failgate {

/// Of the bytes of a tree of ours. Plain SHA-1, as fast as the processor has it: libgit2 looks for
/// bytes that were made to collide as well, which takes many times as long and a folder's names and
/// ids leave no room for. Whoever receives the folder looks again.
[[nodiscard]] ObjectId TreeIdOf(std::string_view bytes);

}  // namespace failgate
