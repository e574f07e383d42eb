// The git-receive-pack of the next push, started while the one before is at work.
#pragma once

#include <condition_variable>
#include <optional>
#include <thread>

#include "controller/base/clock.h"
#include "controller/base/guarded.h"
#include "controller/process/process.h"

namespace failgate {

/// For one writer whose pushes follow each other closely: a good part of a small push is the start
/// of the program. What stands by read the refs while the push before was at work, so its refusal
/// may be about what was; that it took a push is true, as it compares when it sets. It works in the
/// folder that it found: of a remote that is replaced by another folder meanwhile, in the old one.
/// A push that follows none closely gets no standby, and none stays idle for long.
class PushStandby {
 public:
  static constexpr Milliseconds kCloseBy{1000};

  /// `close_by`: from the begin of a push to that of the next that still follows closely; and how
  /// long one waits.
  explicit PushStandby(Milliseconds close_by = kCloseBy);
  ~PushStandby();
  PushStandby(const PushStandby&) = delete;
  PushStandby& operator=(const PushStandby&) = delete;

  /// A push begins: what stands by for its argv and environment. What stands by for another is
  /// ended.
  [[nodiscard]] std::optional<StartedChild> Take(const ProcessSpec& spec);
  /// The push of the last Take is at work: if it followed closely, starts the one of `next`, a spec
  /// with make_stdin. Throws as ProcessRunner::Start; then none stands by.
  void Prepare(ProcessRunner& runner, ProcessSpec next);

 private:
  struct Waiting {
    ProcessSpec spec;
    StartedChild child;
    SteadyTime until;
  };
  struct State {
    std::optional<Waiting> waiting;
    std::optional<SteadyTime> last_push;
    bool follows_closely = false;
  };
  void EndWhatWaitsTooLong(const std::stop_token& stop);

  const Milliseconds close_by_;
  Guarded<State> state_;
  std::condition_variable_any changed_;
  std::jthread thread_;
};

}  // namespace failgate
