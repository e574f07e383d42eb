#include "controller/process/spawner.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <exception>

#include "controller/base/error.h"
#include "controller/base/text.h"
#include "controller/process/child_start.h"

// libc's own name for clone(2). ThreadSanitizer replaces `clone` by what fits a fork and would go
// on to ignore the thread that called it.
extern "C" int __clone(int (*entry)(void*), void* stack, int flags, void* argument, ...);  // NOLINT

namespace failgate {
namespace {

constexpr std::size_t kStackBytes = std::size_t{256} << 10U;
constexpr std::string_view kDefaultPath = "/usr/local/bin:/usr/bin:/bin";

/// The stack of a child until its program replaces it. One is enough: starting is serial.
class ChildStack {
 public:
  ChildStack()
      : base_(mmap(nullptr,
                   kStackBytes,
                   PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK,
                   -1,
                   0)) {
    if (base_ == MAP_FAILED) throw ErrnoError("reserve", "the stack of children", errno);
  }
  ~ChildStack() { munmap(base_, kStackBytes); }
  ChildStack(const ChildStack&) = delete;
  ChildStack& operator=(const ChildStack&) = delete;
  [[nodiscard]] void* top() const { return static_cast<char*>(base_) + kStackBytes; }

 private:
  void* base_;
};

std::string SearchPath(const ProcessSpec& spec) {
  for (const auto& [name, value] : spec.env) {
    if (name == "PATH") return value;
  }
  return std::string(kDefaultPath);
}

/// A bare name becomes the first executable file of that name in the child's PATH.
std::string FindProgram(const ProcessSpec& spec) {
  const std::string& name = spec.argv.front();
  if (name.find('/') != std::string::npos) return name;
  for (const std::string& folder : Split(SearchPath(spec), ':')) {
    if (folder.empty() || folder.front() != '/') continue;
    const std::string candidate = folder + "/" + name;
    struct stat status = {};
    if (stat(candidate.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
        access(candidate.c_str(), X_OK) == 0) {
      return candidate;
    }
  }
  throw Error(Remedy::kNeedsChange,
              fmt::format("start {}: there is no such program in {}; install it",
                          OneLine(name),
                          OneLine(SearchPath(spec))));
}

void RefuseNul(const std::string& text, std::string_view what) {
  if (text.find('\0') != std::string::npos) {
    throw Error(Remedy::kNeedsChange, fmt::format("start a program: {} holds a NUL byte", what));
  }
}

std::vector<std::string> EnvironmentStrings(const ProcessSpec& spec) {
  std::vector<std::string> strings;
  strings.reserve(spec.env.size());
  for (const auto& [name, value] : spec.env) {
    RefuseNul(name, "a name of its environment");
    RefuseNul(value, "its environment");
    if (name.empty() || name.find('=') != std::string::npos) {
      throw Error(Remedy::kNeedsChange,
                  fmt::format("start a program: '{}' is no name of an environment variable",
                              OneLine(name)));
    }
    strings.push_back(name + "=" + value);
  }
  return strings;
}

std::vector<char*> Pointers(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  pointers.reserve(strings.size() + 1);
  for (std::string& text : strings) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

void AddLimit(ChildStart& start, int resource, const std::optional<long long>& value) {
  if (!value) return;
  const auto bound = static_cast<rlim_t>(*value);
  start.limits[start.limit_count++] = ChildLimit{resource, {bound, bound}};
}

void FillLimits(ChildStart& start, const ResourceLimits& limits) {
  AddLimit(start, RLIMIT_AS, limits.address_space_bytes);
  AddLimit(start, RLIMIT_FSIZE, limits.file_size_bytes);
  AddLimit(start, RLIMIT_NOFILE, limits.open_files);
  AddLimit(start, RLIMIT_CORE, limits.core_bytes);
}

void FillDescriptors(ChildStart& start, const DescriptorMap& descriptors) {
  Check(descriptors.size() <= start.descriptors.size(), "a child gets few descriptors");
  for (const auto& [ours, theirs] : descriptors) {
    start.descriptors[start.descriptor_count++] = ChildDescriptor{ours, theirs};
    start.first_free_descriptor = std::max(start.first_free_descriptor, theirs + 1);
  }
}

/// Handlers of the controller must not run in a child that still shares its memory.
class AllSignalsBlocked {
 public:
  AllSignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~AllSignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  AllSignalsBlocked(const AllSignalsBlocked&) = delete;
  AllSignalsBlocked& operator=(const AllSignalsBlocked&) = delete;

 private:
  sigset_t before_ = {};
};

std::string_view StageText(ChildStage stage) {
  switch (stage) {
    case ChildStage::kSession:
      return "making a session for";
    case ChildStage::kDescriptors:
      return "handing descriptors to";
    case ChildStage::kLimits:
      return "limiting";
    case ChildStage::kUser:
      return "changing the user of";
    case ChildStage::kParent:
      return "tying to the controller";
    case ChildStage::kFolder:
      return "entering the folder of";
    case ChildStage::kExec:
      return "executing";
  }
  return "starting";
}

SpawnedChild StartChild(const ProcessSpec& spec,
                        const DescriptorMap& descriptors,
                        const ChildStack& stack) {
  Check(!spec.argv.empty(), "a child has a program");
  std::vector<std::string> arguments = spec.argv;
  for (const std::string& argument : arguments) RefuseNul(argument, "an argument");
  std::vector<std::string> environment = EnvironmentStrings(spec);
  std::vector<char*> argv = Pointers(arguments);
  std::vector<char*> envp = Pointers(environment);
  const std::string program = FindProgram(spec);
  const std::string cwd = spec.cwd.empty() ? "/" : spec.cwd.string();

  ChildStart start;
  start.program = program.c_str();
  start.argv = argv.data();
  start.envp = envp.data();
  start.cwd = cwd.c_str();
  start.parent = getpid();
  start.parent_death_signal = spec.parent_death_signal;
  start.nice = spec.nice;
  start.no_new_privileges = spec.no_new_privileges;
  if (spec.user) {
    start.change_user = true;
    start.uid = spec.user->uid;
    start.gid = spec.user->gid;
  }
  FillLimits(start, spec.limits);
  FillDescriptors(start, descriptors);

  int pidfd = -1;
  pid_t pid = -1;
  int clone_error = 0;
  {
    const AllSignalsBlocked blocked;
    // CLONE_VFORK: this thread waits until the program has replaced the shared memory.
    pid = __clone(&RunChildStart,
                  stack.top(),
                  CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD,
                  &start,
                  &pidfd);
    clone_error = errno;
  }
  if (pid < 0) throw ErrnoError("start", program, clone_error);
  SpawnedChild child{pid, FileDescriptor(pidfd)};
  if (start.error != 0) {
    waitpid(pid, nullptr, 0);
    const bool in_folder = start.stage == ChildStage::kFolder;
    throw ErrnoError(
        fmt::format("start {}: {}", OneLine(spec.argv.front()), StageText(start.stage)),
        in_folder ? cwd : program,
        start.error);
  }
  return child;
}

}  // namespace

Spawner::Spawner() : thread_([this](const std::stop_token& stop) { Serve(stop); }) {}

Spawner::~Spawner() {
  thread_.request_stop();
  thread_.join();
}

SpawnedChild Spawner::Spawn(const ProcessSpec& spec, const DescriptorMap& descriptors) {
  Order order;
  order.spec = &spec;
  order.descriptors = &descriptors;
  auto orders = orders_.Lock();
  orders->push_back(&order);
  ordered_.notify_one();
  answered_.wait(orders.lock(), [&order] { return order.done; });
  if (order.failure) throw Error(order.failure->first, order.failure->second);
  return std::move(order.child);
}

void Spawner::Serve(const std::stop_token& stop) {
  const ChildStack stack;
  while (true) {
    Order* order = nullptr;
    {
      auto orders = orders_.Lock();
      ordered_.wait(orders.lock(), stop, [&orders] { return !orders->empty(); });
      if (orders->empty()) return;
      order = orders->front();
      orders->pop_front();
    }
    SpawnedChild child;
    std::optional<std::pair<Remedy, std::string>> failure;
    try {
      child = StartChild(*order->spec, *order->descriptors, stack);
    } catch (const Error& error) {
      failure.emplace(error.remedy(), error.what());
    } catch (const std::exception& error) {
      failure.emplace(Remedy::kRetry, std::string("start a program: ") + error.what());
    }
    const auto orders = orders_.Lock();
    order->child = std::move(child);
    order->failure = std::move(failure);
    order->done = true;
    answered_.notify_all();
  }
}

}  // namespace failgate
