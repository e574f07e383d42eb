#include <fmt/format.h>

#include "controller/cli/exit_code.h"
#include "controller/cli/registration.h"

namespace failgate {
namespace {

struct Unavailable {
  const char* name;
  const char* instead;  ///< what to do in this version
};

constexpr Unavailable kUnavailable[] = {
    {"metrics", "read /metrics of the server"},
};

}  // namespace

void RegisterUnavailableCommands(Registration& registration) {
  for (const Unavailable& command : kUnavailable) {
    CLI::App* known =
        registration.app.add_subcommand(command.name, "Not available in this version");
    // Whatever stands behind it, the answer is not that the arguments are wrong.
    known->prefix_command();
    known->set_help_flag();
    known->callback([&registration, command] {
      registration.chosen = [&registration, command] {
        registration.context.terminal.Error(fmt::format(
            "{} is not available in this version of failgate: {}", command.name, command.instead));
        return kExitUsage;
      };
    });
  }
}

}  // namespace failgate
