// What every command is given: where to write, and the world around it.
#pragma once

#include <filesystem>
#include <functional>
#include <istream>

#include "controller/base/clock.h"
#include "controller/cli/terminal.h"
#include "controller/config/secret_reference.h"
#include "controller/daemon/demo.h"
#include "controller/daemon/serve.h"

namespace failgate {

/// Members that are functions must be set; `serve` and `demo` come from the daemon, so that the
/// command line can be linked and tested without it.
struct CommandContext {
  Terminal& terminal;
  EnvironmentLookup environment;
  const Clock& clock;
  std::istream& input;
  std::function<void(Milliseconds)> pause;  ///< waits, for commands that follow something
  std::filesystem::path program;            ///< this program, absolute; "failgate" if not known
  std::function<int(const ServeOptions&)> serve;
  std::function<int(const DemoOptions&)> demo;
};

}  // namespace failgate
