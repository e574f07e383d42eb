#include "controller/cli/commands/validate.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "controller/base/text.h"
#include "controller/cli/checked_files.h"
#include "controller/cli/exit_code.h"

namespace failgate {
namespace {

nlohmann::json ToJson(const Problem& problem) {
  return {{"file", problem.file},
          {"line", problem.line},
          {"column", problem.column},
          {"text", problem.text}};
}

void Print(const CheckedFile& checked, Terminal& terminal) {
  for (const Problem& problem : checked.problems) {
    terminal.Line(EscapeControls(Describe(problem)));
  }
  if (checked.problems.empty()) {
    terminal.Line(fmt::format("{}: {} {}",
                              EscapeControls(checked.path),
                              terminal.Paint(Colour::kGood, "valid"),
                              checked.what));
  }
}

}  // namespace

int RunValidate(const ValidateOptions& options, CommandContext& context) {
  std::size_t problems = 0;
  nlohmann::json rows = nlohmann::json::array();
  for (const std::filesystem::path& path : options.paths) {
    for (const CheckedFile& checked : CheckPath(path)) {
      problems += checked.problems.size();
      if (options.json) {
        for (const Problem& problem : checked.problems) {
          rows.push_back(ToJson(problem));
        }
      } else {
        Print(checked, context.terminal);
      }
    }
  }
  if (options.json) {
    context.terminal.Line(rows.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  }
  if (problems > 0) {
    context.terminal.Error(fmt::format(
        "{} problem{} found: mend them and validate again", problems, problems == 1 ? "" : "s"));
  }
  return problems == 0 ? kExitDone : kExitUsage;
}

}  // namespace failgate
