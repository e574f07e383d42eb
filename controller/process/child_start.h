// What a child does between its creation and its program: plain memory and bare system calls only,
// because until then it shares the controller's memory. Only spawner.cpp uses it.
#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <array>
#include <cstddef>

namespace failgate {

/// Where a start failed.
enum class ChildStage { kSession, kDescriptors, kLimits, kUser, kParent, kFolder, kExec };

struct ChildDescriptor {
  int ours = -1;
  int theirs = -1;
};

struct ChildLimit {
  int resource = 0;
  struct rlimit bound = {};
};

/// Prepared by the parent; `stage` and `error` are the child's answer (error 0 = the program runs).
struct ChildStart {
  const char* program = nullptr;
  char* const* argv = nullptr;
  char* const* envp = nullptr;
  const char* cwd = nullptr;
  pid_t parent = 0;
  int parent_death_signal = 0;
  int nice = 0;
  bool change_user = false;
  bool no_new_privileges = false;
  uid_t uid = 0;
  gid_t gid = 0;
  std::array<ChildDescriptor, 32> descriptors = {};
  std::size_t descriptor_count = 0;
  int first_free_descriptor = 3;
  std::array<ChildLimit, 4> limits = {};
  std::size_t limit_count = 0;

  ChildStage stage = ChildStage::kSession;
  int error = 0;
};

/// For clone(2): `start` is a ChildStart. Returns only when the program could not be started.
int RunChildStart(void* start);

}  // namespace failgate
