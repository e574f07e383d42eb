// `failgate init pipeline DIR`: a first failgate.yaml for the language found.
#pragma once

#include <filesystem>
#include <string>

#include "controller/cli/command_context.h"

namespace failgate {

struct InitPipelineOptions {
  std::filesystem::path folder;
  std::string project;  ///< empty = made of the folder's name
};

/// Never overwrites a file.
int RunInitPipeline(const InitPipelineOptions& options, CommandContext& context);

/// "python", "node", "go", "cpp" or "shell".
[[nodiscard]] std::string LanguageOf(const std::filesystem::path& folder);
/// A valid name of a project out of any folder's name.
[[nodiscard]] std::string ProjectNameFrom(const std::string& folder_name);

}  // namespace failgate
