// Long work on a processor that others need in between.
#pragma once

#include <thread>

namespace failgate {

/// Call Passed after each item: from time to time it lets threads run that wait for this processor.
/// The kernel would let them wait for its whole slice, some milliseconds, whatever the niceness.
class GiveWay {
 public:
  /// `items` take some 0.1 ms.
  explicit GiveWay(int items) : items_(items) {}
  void Passed() {
    if (++passed_ % items_ == 0) std::this_thread::yield();
  }

 private:
  int items_;
  int passed_ = 0;
};

}  // namespace failgate
