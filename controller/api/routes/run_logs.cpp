#include "controller/api/answers.h"
#include "controller/api/log_answer.h"
#include "controller/api/named_records.h"
#include "controller/api/routes/routes.h"
#include "controller/api/step_log.h"

namespace failgate {
namespace {

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
  return LogAnswer(LogPathOf(services.log_folder, *step), *from, IsOver(*step, *run));
}

}  // namespace

void AddRunLogRoutes(ApiRoutes& routes, const ApiServices& services) {
  routes.Get("/api/v1/runs/{run}/logs/{step}", {"from"}, [&services](const ApiCall& call) {
    return ShowLog(services, call);
  });
}

}  // namespace failgate
