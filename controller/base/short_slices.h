// Threads that others wait for, each time for a little work, run soon after they were woken.
#pragma once

namespace failgate {

/// Asks the kernel to give the calling thread the processor in short slices: woken, it then goes
/// before threads that may keep it for milliseconds, and its share stays what it was. Needs no
/// right; Linux 6.12 and later do it (sched(7), `sched_runtime` of SCHED_OTHER), others leave
/// everything as it is. Niceness is kept.
void AskForShortSlices();

}  // namespace failgate
