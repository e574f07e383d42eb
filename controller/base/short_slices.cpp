#include "controller/base/short_slices.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

namespace failgate {
namespace {

constexpr std::uint64_t kSliceNanoseconds = 100'000;  // the least that the kernel takes

// `struct sched_attr` of sched_setattr(2), which the C library of Debian 12 does not have; the
// kernel's own header cannot stand beside <sched.h>.
struct SchedulingAttributes {
  std::uint32_t size = 0;
  std::uint32_t policy = 0;
  std::uint64_t flags = 0;
  std::int32_t nice = 0;
  std::uint32_t priority = 0;
  std::uint64_t runtime = 0;
  std::uint64_t deadline = 0;
  std::uint64_t period = 0;
};

}  // namespace

void AskForShortSlices() {
  SchedulingAttributes attributes;
  // A kernel that refuses costs speed, nothing else.
  if (::syscall(SYS_sched_getattr, 0, &attributes, sizeof(attributes), 0) != 0) return;
  attributes.runtime = kSliceNanoseconds;
  static_cast<void>(::syscall(SYS_sched_setattr, 0, &attributes, 0));
}

}  // namespace failgate
