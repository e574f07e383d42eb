#include "controller/cli/commands/init_pipeline.h"

#include <fmt/format.h>

#include <algorithm>

#include "controller/base/durable_file.h"
#include "controller/base/ids.h"
#include "controller/base/text.h"
#include "controller/cli/exit_code.h"
#include "controller/cli/init_templates.h"
#include "controller/pipeline/pipeline_file.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxNameLength = 63;

bool HasFileEnding(const std::filesystem::path& folder, const std::string& ending) {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().extension() == ending) {
      return true;
    }
  }
  return false;
}

bool HasOneOf(const std::filesystem::path& folder, std::initializer_list<const char*> names) {
  return std::any_of(names.begin(), names.end(), [&](const char* name) {
    return std::filesystem::exists(folder / name);
  });
}

}  // namespace

std::string LanguageOf(const std::filesystem::path& folder) {
  if (HasOneOf(folder, {"go.mod"})) {
    return "go";
  }
  if (HasOneOf(folder, {"package.json"})) {
    return "node";
  }
  if (HasOneOf(folder,
               {"pyproject.toml", "setup.py", "setup.cfg", "requirements.txt", "pytest.ini"}) ||
      HasFileEnding(folder, ".py")) {
    return "python";
  }
  if (HasOneOf(folder, {"CMakeLists.txt"})) {
    return "cpp";
  }
  return "shell";
}

std::string ProjectNameFrom(const std::string& folder_name) {
  std::string name;
  for (const char c : ToLower(folder_name)) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    const bool mark = c == '-' || c == '_' || c == '.';
    if (letter || (mark && !name.empty() && name.back() != '.')) {
      name += c;
    } else if (!letter && !mark && !name.empty() && name.back() != '-') {
      name += '-';
    }
  }
  name.resize(std::min(name.size(), kMaxNameLength));
  while (!name.empty() && (name.back() == '-' || name.back() == '.')) {
    name.pop_back();
  }
  return IsValidName(name) ? name : "my-project";
}

int RunInitPipeline(const InitPipelineOptions& options, CommandContext& context) {
  Terminal& terminal = context.terminal;
  const std::filesystem::path folder =
      std::filesystem::absolute(options.folder / ".").lexically_normal().parent_path();
  if (!std::filesystem::is_directory(folder)) {
    terminal.Error(
        fmt::format("{} is no folder: name the project's work tree", options.folder.string()));
    return kExitUsage;
  }
  const std::string project =
      options.project.empty() ? ProjectNameFrom(folder.filename().string()) : options.project;
  if (!IsValidName(project)) {
    terminal.Error(fmt::format(
        "\"{}\" is no name of a project: lower case letters, digits, '.', '_' and '-'", project));
    return kExitUsage;
  }
  const std::filesystem::path file = options.folder / kPipelineFileName;
  if (std::filesystem::exists(std::filesystem::symlink_status(file))) {
    terminal.Error(fmt::format("{} is there already: it is left as it is", file.string()));
    return kExitFailed;
  }
  const std::string language = LanguageOf(folder);
  const std::string text = ReplaceAll(
      InitTemplate("pipelines/" + language + ".yaml"), "project: example", "project: " + project);
  const Parsed<Pipeline> pipeline = ParsePipeline(text, file.string());
  Check(pipeline.has_value(), "a pipeline that init writes is valid");
  WriteFileDurably(file, text);
  terminal.Line(
      fmt::format("wrote {}: a pipeline of project {} ({})", file.string(), project, language));
  terminal.Line("next:");
  terminal.Line(
      fmt::format("  change its commands to yours, then: failgate validate {}", file.string()));
  terminal.Line(fmt::format("  commit it, then see what a push would run: failgate plan --repo {}",
                            options.folder.string()));
  return kExitDone;
}

}  // namespace failgate
