#include "controller/runners/step_watch.h"

#include <fmt/format.h>

#include <utility>

#include "controller/runners/step_usage.h"

namespace failgate {
namespace {

constexpr Milliseconds kProcessLookEvery{250};
constexpr Milliseconds kDiskLookEvery{1000};
// What a step may forget behind it. A fork bomb that has outlived its script passes this in the
// time of kLeftoverLooks ticks; a service that a test did not stop does not.
constexpr int kMaxLeftovers = 64;
constexpr int kLeftoverLooks = 3;
// A test may shut a folder for a moment; hiding use of the disk for long is no test.
constexpr int kMaxUnreadableLooks = 10;
// Below this the step ends, whatever its limit: the controller needs the rest.
constexpr long long kFreeDiskFloor = 256LL << 20;

}  // namespace

StepWatch::StepWatch(const StepCommand& command,
                     StepGate& gate,
                     StepProcesses& processes,
                     const Clock& clock)
    : command_(command),
      gate_(gate),
      processes_(processes),
      clock_(clock),
      next_process_look_(clock.Steady() + kProcessLookEvery),
      next_disk_look_(clock.Steady() + kProcessLookEvery) {}

bool StepWatch::Tick() {
  gate_.Listen();
  if (gate_.left_processes()) LookAtLeftovers();
  const SteadyTime now = clock_.Steady();
  if (now >= next_process_look_) {
    LookAtProcesses();
    next_process_look_ = clock_.Steady() + kProcessLookEvery;
  }
  if (now >= next_disk_look_) {
    LookAtDisk();
    next_disk_look_ = clock_.Steady() + kDiskLookEvery;
  }
  return !limit_.empty();
}

void StepWatch::LookAtDiskOnceMore() {
  LookAtDisk();
}

void StepWatch::Pass(std::string limit, std::string reason) {
  if (!limit_.empty()) return;
  limit_ = std::move(limit);
  reason_ = std::move(reason);
}

void StepWatch::LookAtProcesses() {
  const ProcessUsage usage = processes_.Measure();
  if (usage.tasks >= command_.limits.processes) {
    Pass("processes",
         fmt::format("more than {} processes and threads at one time", command_.limits.processes));
  }
  if (command_.limits.memory_bytes && usage.memory_bytes > *command_.limits.memory_bytes) {
    Pass("memory",
         fmt::format("its processes use more than {} of memory together",
                     FormatSize(*command_.limits.memory_bytes)));
  }
}

void StepWatch::LookAtDisk() {
  if (FreeDiskBytes(command_.workspace) < kFreeDiskFloor) {
    Pass("disk",
         fmt::format("the file system of the workspaces has less than {} left",
                     FormatSize(kFreeDiskFloor)));
    return;
  }
  const std::optional<long long>& limit = command_.limits.disk_bytes;
  if (!limit) return;
  DiskUsage usage = MeasureDisk(command_.workspace, *limit);
  if (command_.kept && usage.bytes <= *limit && !usage.too_deep) {
    const DiskUsage kept = MeasureDisk(command_.kept->host, *limit);
    usage.bytes += kept.bytes;
    usage.too_deep = kept.too_deep;
    usage.unreadable = usage.unreadable || kept.unreadable;
  }
  unreadable_looks_ = usage.unreadable ? unreadable_looks_ + 1 : 0;
  if (usage.bytes > *limit) {
    Pass("disk", fmt::format("its workspace holds more than {}", FormatSize(*limit)));
  } else if (usage.too_deep) {
    Pass("disk", fmt::format("its folders are nested deeper than {}", kMaxWorkspaceDepth));
  } else if (unreadable_looks_ >= kMaxUnreadableLooks) {
    Pass("disk", "it keeps a folder shut whose size must be known");
  }
}

void StepWatch::LookAtLeftovers() {
  if (leftover_looks_ > kLeftoverLooks) return;
  const int left = processes_.Measure().processes;
  ++leftover_looks_;
  if (left >= kMaxLeftovers) {
    Pass("processes",
         fmt::format("its script ended and left {} or more processes behind", kMaxLeftovers));
  } else if (left == 0 || leftover_looks_ == kLeftoverLooks) {
    leftover_looks_ = kLeftoverLooks + 1;
    gate_.LetEnd();
  }
}

}  // namespace failgate
