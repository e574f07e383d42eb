// The talk between the controller and the shell that guards a step's script.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "controller/base/durable_file.h"

namespace failgate {

/// The guard waits for the controller's word before the script may run, says when it runs, and,
/// when the script left processes behind, waits again so that these can be counted. Without the
/// word (the controller died) it ends and the script never runs. Not thread-safe.
class StepGate {
 public:
  static constexpr int kBlockDescriptor = 3;   ///< in the child: bwrap takes one byte there
  static constexpr int kWordDescriptor = 4;    ///< in the child: the guard's own
  static constexpr int kStatusDescriptor = 6;  ///< in the child: what the guard says

  StepGate();

  /// For ProcessSpec::pass_fds; `sandboxed` adds the block descriptor.
  [[nodiscard]] std::vector<std::pair<int, int>> ChildDescriptors(bool sandboxed) const;
  /// The guard, the script and its shell as argv. `task_limit` becomes RLIMIT_NPROC.
  [[nodiscard]] static std::vector<std::string> Command(const std::string& shell,
                                                        const std::string& script,
                                                        long long task_limit);
  /// Once the child has them: its death must be seen as an end of file.
  void CloseChildEnds();
  void LetRun(bool sandboxed);
  void LetEnd();
  /// Takes what the guard has said by now; never waits.
  void Listen();
  [[nodiscard]] bool started() const { return heard_.find("started\n") != std::string::npos; }
  [[nodiscard]] bool left_processes() const { return heard_.find("left\n") != std::string::npos; }

 private:
  void Say(std::string_view words);
  FileDescriptor words_;
  FileDescriptor child_words_;
  FileDescriptor status_;
  FileDescriptor child_status_;
  std::string heard_;
};

}  // namespace failgate
