#include "controller/daemon/serve.h"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "controller/base/allocator.h"
#include "controller/base/error.h"
#include "controller/base/guarded.h"
#include "controller/base/log.h"
#include "controller/daemon/application.h"

namespace failgate {
namespace {

std::optional<std::string> FromEnvironment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

/// Blocked before any thread exists, so that only WaitForEnd takes them.
sigset_t BlockEndSignals() {
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGINT);
  ::sigaddset(&signals, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  // A peer that went away is an error of its write, not the end of the program.
  ::signal(SIGPIPE, SIG_IGN);
  return signals;
}

void WaitForEnd(const sigset_t& signals) {
  int signal = 0;
  while (::sigwait(&signals, &signal) != 0) {
  }
  log::Info("stopping", {{"signal", ::strsignal(signal)}});
}

}  // namespace

int Serve(const ServeOptions& options) {
  const sigset_t signals = BlockEndSignals();
  GiveBackFreedPages();
  auto config = LoadServerFile(options.config);
  if (!config) {
    std::fputs((Describe(config.error()) + "\n").c_str(), stderr);
    return 2;
  }
  log::Start(log::Level::kInfo);
  try {
    const std::string address = config->listen.address;
    Application application(std::move(*config), FromEnvironment);
    // Told by signal, so that one place waits for the end, whatever ends it.
    Guarded<std::string> refused;
    application.OnRefused([&refused](const std::string& why) {
      *refused.Lock() = why;
      ::kill(::getpid(), SIGTERM);
    });
    application.Start();
    std::fputs(fmt::format("listening on {}:{}\n", address, application.port()).c_str(), stdout);
    std::fflush(stdout);
    WaitForEnd(signals);
    application.Stop();
    const std::string why = *refused.Lock();
    if (!why.empty()) {
      throw Error(Remedy::kNeedsChange, why);
    }
    return 0;
  } catch (const std::exception& error) {
    log::Error(error.what());
    return 1;
  }
}

}  // namespace failgate
