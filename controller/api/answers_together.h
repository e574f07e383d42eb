// Answers that one thread gives at one moment, handed to the event loops at once.
#pragma once

#include <memory>

namespace failgate {

/// While one lives, the answers that its thread sends wait in it; its end hands them over. A wake
/// of the loop for each would let it answer one, sleep, and be woken again, in turn with the
/// sender. One at a time a thread; made and destroyed by the same one.
class AnswersTogether {
 public:
  AnswersTogether();
  ~AnswersTogether();
  AnswersTogether(const AnswersTogether&) = delete;
  AnswersTogether& operator=(const AnswersTogether&) = delete;

  struct Kept;

 private:
  std::unique_ptr<Kept> kept_;
};

}  // namespace failgate
