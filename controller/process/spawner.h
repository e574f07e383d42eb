// The thread that starts all children. Only process.cpp uses it.
#pragma once

#include <sys/types.h>

#include <condition_variable>
#include <deque>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "controller/base/durable_file.h"
#include "controller/base/error.h"
#include "controller/base/guarded.h"
#include "controller/process/process.h"

namespace failgate {

/// Descriptors (ours -> child's), standard ones included.
using DescriptorMap = std::vector<std::pair<int, int>>;

struct SpawnedChild {
  pid_t pid = -1;
  FileDescriptor pidfd;
};

/// Starts programs without copying the controller's memory. Thread-safe.
class Spawner {
 public:
  Spawner();
  ~Spawner();
  Spawner(const Spawner&) = delete;
  Spawner& operator=(const Spawner&) = delete;

  /// Returns once the program runs; throws Error when it does not. Of `spec` it reads argv, cwd,
  /// env, nice, user, limits and no_new_privileges. The child leads a new session.
  [[nodiscard]] SpawnedChild Spawn(const ProcessSpec& spec, const DescriptorMap& descriptors);

 private:
  /// Lives on the stack of Spawn; changed under the lock of orders_ only.
  struct Order {
    const ProcessSpec* spec = nullptr;
    const DescriptorMap* descriptors = nullptr;
    bool done = false;
    SpawnedChild child;
    std::optional<std::pair<Remedy, std::string>> failure;
  };
  void Serve(const std::stop_token& stop);

  Guarded<std::deque<Order*>> orders_;
  std::condition_variable_any ordered_;
  std::condition_variable_any answered_;
  std::jthread thread_;
};

}  // namespace failgate
