#include "controller/daemon/demo.h"

#include <fmt/format.h>
#include <signal.h>

#include <chrono>
#include <condition_variable>
#include <ctime>
#include <exception>
#include <iostream>
#include <mutex>
#include <stop_token>
#include <thread>

#include "controller/base/clock.h"
#include "controller/base/text.h"
#include "controller/daemon/demo_folder.h"
#include "controller/daemon/demo_story.h"
#include "controller/daemon/demo_voice.h"
#include "controller/daemon/demo_world.h"
#include "controller/process/process.h"

namespace failgate {
namespace {

/// While it lives, Ctrl-C and SIGTERM are a stop request instead of a sudden end. Made before any
/// other thread, so that all of them have these signals blocked.
class DemoInterrupt {
 public:
  DemoInterrupt() {
    ::sigemptyset(&signals_);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) ::sigaddset(&signals_, signal);
    ::pthread_sigmask(SIG_BLOCK, &signals_, &before_);
    // When the reader of a pipe goes away the folder is removed all the same.
    pipe_before_ = ::signal(SIGPIPE, SIG_IGN);
    thread_ = std::jthread([this](const std::stop_token& stop) { Listen(stop); });
  }
  ~DemoInterrupt() {
    thread_.request_stop();
    thread_.join();
    ::signal(SIGPIPE, pipe_before_);
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  DemoInterrupt(const DemoInterrupt&) = delete;
  DemoInterrupt& operator=(const DemoInterrupt&) = delete;

  [[nodiscard]] std::stop_token token() const { return interrupted_.get_token(); }
  void Wait() const {
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock(mutex);
    never.wait(lock, token(), [] { return false; });
  }

 private:
  void Listen(const std::stop_token& stop) {
    constexpr timespec kSlice{0, 100'000'000};
    while (!stop.stop_requested()) {
      if (::sigtimedwait(&signals_, nullptr, &kSlice) > 0) interrupted_.request_stop();
    }
  }

  sigset_t signals_ = {};
  sigset_t before_ = {};
  void (*pipe_before_)(int) = nullptr;
  std::stop_source interrupted_;
  std::jthread thread_;
};

/// Tells the story, serves on when asked to, and ends the controller. The exit code.
int Play(const DemoOptions& options,
         DemoWorld& world,
         DemoVoice& voice,
         const DemoInterrupt& interrupt) {
  DemoStory story(world, voice);
  const SteadyTime begin = SystemClock().Steady();
  try {
    story.Tell();
  } catch (const std::exception&) {
    if (!interrupt.token().stop_requested()) throw;
    voice.Say("stopped before the end of the story");
    return 1;
  }
  const auto took = std::chrono::duration_cast<Milliseconds>(SystemClock().Steady() - begin);
  voice.Say("");
  voice.Say(fmt::format("The whole story took {}.", HumanDuration(took)));
  if (!options.once) {
    story.TellHowToGoOn();
    interrupt.Wait();
  }
  world.StopController();
  return 0;
}

void Explain(const std::exception& error, const DemoWorld& world, DemoVoice& voice) {
  voice.Failed(error.what());
  if (!world.started()) return;
  voice.Say("the controller's last lines:");
  for (const std::string& line : world.controller().LastLines()) voice.Answer(line);
}

}  // namespace

int RunDemo(const DemoOptions& options) {
  DemoVoice voice(std::cout, ColourOfOutput());
  try {
    const DemoInterrupt interrupt;
    const DemoFolder folder(options.folder);
    ProcessRunner processes;
    DemoWorld world(processes, folder.path(), options.port, interrupt.token());
    voice.Say(fmt::format("Everything lies in {}{}; all commands are typed there.",
                          folder.path().string(),
                          folder.temporary() ? " (removed at the end)" : ""));
    try {
      return Play(options, world, voice, interrupt);
    } catch (const std::exception& error) {
      Explain(error, world, voice);
      return 1;
    }
  } catch (const std::exception& error) {
    std::cerr << "failgate: " << OneLine(error.what()) << '\n';
    return 1;
  }
}

}  // namespace failgate
