// Memory that was freed and is still the process's.
#pragma once

namespace failgate {

/// Gives pages that hold nothing any more back to the system, when they may be many. Thread-safe;
/// takes milliseconds: for the end of work that needed much for a moment.
void ReturnFreeMemory();

}  // namespace failgate
