#include "controller/cli/command_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "controller/base/error.h"
#include "controller/base/text.h"
#include "controller/cli/exit_code.h"
#include "controller/cli/registration.h"

namespace failgate {
namespace {

constexpr const char* kVersion = "failgate " FAILGATE_VERSION;

/// CLI11 calls a mistyped command an argument that was not expected.
std::string UnknownCommand(const std::vector<std::string>& arguments, const CLI::App& app) {
  if (arguments.empty() || arguments.front().empty() || arguments.front().front() == '-' ||
      !app.get_subcommands().empty()) {
    return {};
  }
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands(nullptr)) {
    names.push_back(command->get_name());
  }
  const std::string& word = arguments.front();
  const auto nearest = NearestWord(word, names);
  return fmt::format("there is no command {}: {}",
                     OneLine(word, 60),
                     nearest ? "did you mean " + *nearest + "?" : "failgate --help lists them");
}

/// The words that were understood, for the hint: "failgate runs show".
std::string UsedCommand(const CLI::App& app) {
  std::string words = "failgate";
  const CLI::App* place = &app;
  while (!place->get_subcommands().empty()) {
    place = place->get_subcommands().front();
    words += " " + place->get_name();
  }
  return words;
}

int Explain(const CLI::ParseError& error,
            const std::vector<std::string>& arguments,
            const CLI::App& app,
            Terminal& terminal) {
  std::ostringstream out;
  std::ostringstream err;
  if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) {
    static_cast<void>(app.exit(error, out, err));
    terminal.Raw(out.str());
    return kExitDone;
  }
  std::string text = UnknownCommand(arguments, app);
  if (text.empty()) {
    std::string what = error.what();
    std::replace(what.begin(), what.end(), '\n', ' ');
    text = fmt::format("{}: see {} --help", Trim(what), UsedCommand(app));
  }
  terminal.Error(text);
  return kExitUsage;
}

}  // namespace

int RunCommandLine(const std::vector<std::string>& arguments, CommandContext& context) {
  CLI::App app("GitOps controller for software and models: a push is the only button", "failgate");
  app.set_version_flag("--version", kVersion);
  app.require_subcommand(1);
  Registration registration{app, context, {}};
  RegisterStartingCommands(registration);
  RegisterReadingCommands(registration);
  RegisterChangingCommands(registration);
  RegisterHostCommands(registration);
  RegisterPolicyCommands(registration);
  try {
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
    app.parse(reversed);
  } catch (const CLI::ParseError& error) {
    return Explain(error, arguments, app, context.terminal);
  }
  try {
    return registration.chosen();
  } catch (const std::exception& error) {
    context.terminal.Error(error.what());
    return kExitFailed;
  }
}

}  // namespace failgate
