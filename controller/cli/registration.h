// How commands are told to CLI11; for the sources that register them only.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "controller/cli/command_context.h"

namespace failgate {

/// Outlives the parsing; `chosen` is what the arguments asked for.
struct Registration {
  CLI::App& app;
  CommandContext& context;
  std::function<int()> chosen;
};

/// The command, once parsed, runs `run` with what its options were set to.
template <typename Options>
void Bind(Registration& registration,
          CLI::App* command,
          const std::shared_ptr<Options>& options,
          int (*run)(const Options&, CommandContext&)) {
  command->callback([&registration, options, run] {
    registration.chosen = [&registration, options, run] {
      return run(*options, registration.context);
    };
  });
}

/// --output text|json. The option's target must live as long as the registration.
inline void AddOutput(CLI::App* command, bool& json) {
  command
      ->add_option_function<std::string>(
          "-o,--output",
          [&json](const std::string& format) { json = format == "json"; },
          "text (default) or json")
      ->check(CLI::IsMember({"text", "json"}));
}

inline void AddPath(CLI::App* command,
                    const std::string& names,
                    std::filesystem::path& path,
                    const std::string& text,
                    bool required) {
  command
      ->add_option_function<std::string>(
          names, [&path](const std::string& value) { path = value; }, text)
      ->required(required);
}

/// An option that, given, makes the command read a clone.
inline void AddOptionalPath(CLI::App* command,
                            const std::string& names,
                            std::optional<std::filesystem::path>& path,
                            const std::string& text) {
  command->add_option_function<std::string>(
      names, [&path](const std::string& value) { path = value; }, text);
}

void RegisterStartingCommands(Registration& registration);  ///< init, serve, demo, validate, …
void RegisterReadingCommands(Registration& registration);   ///< status, why, log, runs, …
void RegisterChangingCommands(Registration& registration);  ///< promote, rollback, run, …
void RegisterPolicyCommands(Registration& registration);    ///< policy sign, show, verify
void RegisterHostCommands(Registration& registration);      ///< token, key, hook

}  // namespace failgate
