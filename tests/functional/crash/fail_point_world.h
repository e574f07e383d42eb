// A world whose server dies at named places, one after the other, and what must be so afterwards.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/functional/crash/books.h"
#include "tests/functional/crash/crash_world.h"

namespace failgate {

/// What leads to a place.
enum class Flow { kStart, kPush, kRequest, kBadHealth, kDrift, kRemoval, kChecks, kMlflow, kWatch };

class FailPointWorld : public ::testing::Test {
 protected:
  ~FailPointWorld() override;

  /// For each listed place of the flows, and each of its passages worth dying at: `die`, which ends
  /// with a server that lives, then a look at the log; in the end all books. Fails when there is no
  /// such place.
  void DieAtEachPlaceOf(const std::vector<Flow>& flows,
                        const std::function<void(const std::string& armed)>& die);
  /// A life that is armed; the server may be dead already when it returns.
  void Begin(const std::string& armed);
  /// Throws unless that life ends at its place; then a life that is not armed.
  void GoOn(const std::string& armed);

  void PushTo(PushedStream& stream);
  /// True when the last push was accepted.
  bool Tell(PushedStream& stream);
  /// Of the last push.
  std::string AwaitRelease(const PushedStream& stream);
  /// Waits until all work is done before it reads them.
  void ExpectTheBooksAreRight();

  CrashWorld world_{{"shop", "cart"}};
  PushedStream shop_{"shop", {}, {}};
  PushedStream cart_{"cart", {}, {}};

 private:
  int pushes_ = 0;
};

}  // namespace failgate
