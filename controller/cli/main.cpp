#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include "controller/base/clock.h"
#include "controller/cli/command_line.h"

namespace failgate {
namespace {

// The one place where the command line sees the process's environment.
std::optional<std::string> ProcessEnvironment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

Terminal::Traits TraitsOfTerminal() {
  Terminal::Traits traits;
  traits.interactive = isatty(STDERR_FILENO) == 1;
  const bool plain = !ProcessEnvironment("NO_COLOR").value_or("").empty() ||
                     ProcessEnvironment("TERM").value_or("dumb") == "dumb";
  traits.colour = isatty(STDOUT_FILENO) == 1 && !plain;
  return traits;
}

std::filesystem::path ThisProgram() {
  std::error_code error;
  const std::filesystem::path path = std::filesystem::read_symlink("/proc/self/exe", error);
  return error ? std::filesystem::path("failgate") : path;
}

int Main(const std::vector<std::string>& arguments) {
  Terminal terminal(std::cout, std::cerr, TraitsOfTerminal());
  CommandContext context{terminal,
                         ProcessEnvironment,
                         SystemClock(),
                         std::cin,
                         [](Milliseconds time) { std::this_thread::sleep_for(time); },
                         ThisProgram(),
                         Serve,
                         RunDemo};
  return RunCommandLine(arguments, context);
}

}  // namespace
}  // namespace failgate

int main(int argc, char** argv) {
  return failgate::Main(std::vector<std::string>(argv + (argc > 0 ? 1 : 0), argv + argc));
}
