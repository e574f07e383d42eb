#include "controller/base/fail_point.h"

#ifdef FAILGATE_FAIL_POINTS

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>

#include "controller/base/error.h"
#include "controller/base/text.h"

namespace failgate {
namespace {

constexpr std::string_view kError = "=error";

std::string FromEnvironment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

[[noreturn]] void RefuseToRun(const std::string& why) {
  std::fputs((why + "\n").c_str(), stderr);
  std::_Exit(2);
}

/// The one place that is armed; an empty name is none.
struct Armed {
  std::string name;
  long left = 1;  ///< passages until the end
  bool throws = false;
};

Armed ReadArmed() {
  std::string text = FromEnvironment("FAILGATE_FAIL_POINT");
  Armed armed;
  if (text.ends_with(kError)) {
    armed.throws = true;
    text.resize(text.size() - kError.size());
  }
  if (const std::size_t colon = text.find(':'); colon != std::string::npos) {
    const auto passages = ParseNonNegative(text.substr(colon + 1));
    if (!passages || *passages == 0 || armed.throws) {
      RefuseToRun("FAILGATE_FAIL_POINT is NAME, NAME:PASSAGE or NAME=error");
    }
    armed.left = static_cast<long>(*passages);
    text.resize(colon);
  }
  if (!text.empty() &&
      std::find(kFailPoints.begin(), kFailPoints.end(), text) == kFailPoints.end()) {
    RefuseToRun("FAILGATE_FAIL_POINT names no place there is: " + text);
  }
  armed.name = text;
  return armed;
}

[[noreturn]] void Die(std::string_view name) {
  // One write: other threads go on until the signal arrives, and may write too.
  const std::string line = fmt::format("\nfail point {}\n", name);
  static_cast<void>(!::write(STDERR_FILENO, line.data(), line.size()));
  ::kill(::getpid(), SIGKILL);
  for (;;) ::pause();
}

}  // namespace

void FailPoint(FailPointName name) {
  static const Armed armed = ReadArmed();
  static std::atomic<long> left{armed.left};
  if (armed.name != name.text()) return;
  if (armed.throws) throw Error(Remedy::kRetry, fmt::format("fail point {}", name.text()));
  if (--left == 0) Die(name.text());
}

std::chrono::seconds FailClockOffset() {
  static const std::chrono::seconds offset(
      std::atol(FromEnvironment("FAILGATE_FAIL_CLOCK").c_str()));
  return offset;
}

}  // namespace failgate

#else

namespace failgate {

void FailPoint(FailPointName) {}

std::chrono::seconds FailClockOffset() {
  return std::chrono::seconds(0);
}

}  // namespace failgate

#endif
