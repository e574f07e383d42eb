// Long loops of threads that nobody waits for.
#pragma once

#include <cstddef>
#include <thread>

namespace failgate {

/// A kernel that lets a thread end its slice, and looks at that at its next tick only, keeps who
/// was woken waiting for milliseconds, even while another processor idles. So a loop over thousands
/// gives the processor up by itself, about every twentieth of a millisecond. The counterpart is
/// AskForShortSlices, for the threads that others wait for.
class YieldEvery {
 public:
  explicit YieldEvery(std::size_t steps) : steps_(steps) {}
  void Step() {
    if (++done_ % steps_ == 0) std::this_thread::yield();
  }

 private:
  std::size_t steps_;
  std::size_t done_ = 0;
};

/// That time in steps that are a look-up or a copy each.
inline constexpr std::size_t kLightSteps = 128;

}  // namespace failgate
