// The allocator of the program, where it is jemalloc: in builds without sanitizers.
#pragma once

namespace failgate {

/// From here on a thread of the allocator gives freed pages back to the system, also while nothing
/// is asked of it. For the start of a process that lives long, when its signals are blocked
/// already: the thread has the mask of its maker. Nothing beside another allocator. See
/// jemalloc(3), `background_thread`.
void GiveBackFreedPages();

}  // namespace failgate
