#include "controller/api/answers.h"
#include "controller/api/log_answer.h"
#include "controller/api/named_records.h"
#include "controller/api/routes/routes.h"

namespace failgate {
namespace {

/// Where the step's log lies: under the log folder, or nowhere.
std::optional<std::filesystem::path> LogPath(const ApiServices& services, const Step& step) {
  if (step.log_path.empty()) {
    return std::nullopt;
  }
  const std::filesystem::path folder = services.log_folder.lexically_normal();
  const std::filesystem::path path = (folder / step.log_path).lexically_normal();
  const std::filesystem::path inside = path.lexically_relative(folder);
  const bool under = !inside.empty() && *inside.begin() != ".." && *inside.begin() != ".";
  return under ? std::optional<std::filesystem::path>(path) : std::nullopt;
}

bool IsOver(const Step& step, const Run& run) {
  const bool waits = step.state == StepState::kPending || step.state == StepState::kRunning;
  return !waits || IsFinished(run.state);
}

HttpResponse ShowLog(const ApiServices& services, const ApiCall& call) {
  const auto from = ReadFrom(call);
  if (!from) {
    return from.error();
  }
  const auto run = NamedRun(services, call);
  if (!run) {
    return run.error();
  }
  // The state first: what is read afterwards is then all there is of an ended step.
  const std::optional<Step> step = services.steps.Get(run->id, call.Parameter("step"));
  if (!step) {
    return NoSuch("such step of this run");
  }
  const std::optional<std::filesystem::path> path = LogPath(services, *step);
  return LogAnswer(path, *from, IsOver(*step, *run));
}

}  // namespace

void AddRunLogRoutes(ApiRoutes& routes, const ApiServices& services) {
  routes.Get("/api/v1/runs/{run}/logs/{step}", {"from"}, [&services](const ApiCall& call) {
    return ShowLog(services, call);
  });
}

}  // namespace failgate
