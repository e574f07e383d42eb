// `failgate why`: what a project waits for in an environment, and what to type next.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "controller/cli/command_context.h"

namespace failgate {

struct WhyOptions {
  std::string project;
  std::string environment;
  std::optional<std::filesystem::path> clone;   ///< read from it instead of a server
  std::optional<std::filesystem::path> source;  ///< a clone of the source, beside `clone`
  bool json = false;
};

int RunWhy(const WhyOptions& options, CommandContext& context);

/// Gates with their verdicts, as `why` and the answers to wishes show them; nothing without gates.
void PrintGates(const nlohmann::json& answer, Terminal& terminal);

}  // namespace failgate
