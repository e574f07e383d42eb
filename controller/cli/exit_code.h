// What the command line answers to the shell (product.md §8).
#pragma once

namespace failgate {

inline constexpr int kExitDone = 0;    ///< done, or accepted and waiting
inline constexpr int kExitFailed = 1;  ///< it was tried and failed, or what was checked is not well
inline constexpr int kExitUsage = 2;   ///< wrong usage, an invalid file, or not built yet
inline constexpr int kExitRefused = 3;  ///< a gate said no

}  // namespace failgate
