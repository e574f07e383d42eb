// Threads that others wait for, each time for a little work, run soon after they were woken.
#pragma once

#include <cstddef>
#include <thread>

namespace failgate {

/// Asks the kernel to give the calling thread the processor in short slices: woken, it then goes
/// before threads that may keep it for milliseconds, and its share stays what it was. Needs no
/// right; Linux 6.12 and later do it (sched(7), `sched_runtime` of SCHED_OTHER), others leave
/// everything as it is. Niceness is kept.
void AskForShortSlices();

/// For the other threads, in loops over thousands: a kernel that lets a thread end its slice, and
/// looks at that at its next tick only, keeps who was woken waiting for milliseconds, even while
/// another processor idles.
class GiveWay {
 public:
  /// Gives the processor up at every `each`th call of Next: a twentieth of a millisecond of work.
  explicit GiveWay(std::size_t each) : each_(each) {}
  void Next() {
    if (++count_ % each_ == 0) std::this_thread::yield();
  }

 private:
  std::size_t each_;
  std::size_t count_ = 0;
};

/// How many light steps (a look-up, a copy) are worth one call of GiveWay.
inline constexpr std::size_t kLightSteps = 128;

}  // namespace failgate
