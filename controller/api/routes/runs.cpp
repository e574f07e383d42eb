#include <map>

#include "controller/api/answers.h"
#include "controller/api/auth.h"
#include "controller/api/body_fields.h"
#include "controller/api/json.h"
#include "controller/api/named_records.h"
#include "controller/api/routes/routes.h"
#include "controller/api/routes/snapshot_answers.h"
#include "controller/api/step_log.h"
#include "controller/api/step_progress.h"
#include "controller/base/text.h"

namespace failgate {
namespace {

HttpResponse ListRuns(const ApiServices& services, const ApiCall& call) {
  const auto page = ReadPage(call);
  if (!page) {
    return page.error();
  }
  RunFilter filter;
  filter.project = ProjectName(call.Query("project"));
  filter.source = SourceName(call.Query("source"));
  filter.before = page->before;
  filter.limit = page->limit;
  if (!filter.project.empty()) {
    if (auto refused = RefuseProject(call.who, filter.project)) {
      return *std::move(refused);
    }
  }
  if (const auto word = call.query.Get("state")) {
    filter.state = ParseRunState(*word);
    if (!filter.state) {
      return ErrorAnswer(422, "bad_query", "state is none that a run can have");
    }
  }
  const std::vector<Run> read = services.runs.List(filter);
  std::vector<Run> shown;
  for (const Run& run : read) {
    if (call.who.Covers(run.project)) {
      shown.push_back(run);
    }
  }
  const std::string last = read.empty() ? "" : read.back().id.text();
  return WithNext(JsonAnswer(200, RunsJson(shown)), *page, read.size(), last);
}

/// Of the steps that run now, by their names.
std::map<std::string, StepProgress> ProgressOf(const ApiServices& services,
                                               const std::vector<Step>& steps) {
  constexpr std::size_t kTail = std::size_t{64} << 10U;
  std::map<std::string, StepProgress> all;
  for (const Step& step : steps) {
    const auto path = LogPathOf(services.log_folder, step);
    if (step.state != StepState::kRunning || !path) {
      continue;
    }
    const LogChunk tail = ReadLogTail(*path, kTail);
    if (auto progress = NewestProgress(tail.bytes, !tail.to_the_end)) {
      all[step.name] = *std::move(progress);
    }
  }
  return all;
}

HttpResponse ShowRun(const ApiServices& services, const ApiCall& call) {
  const auto run = NamedRun(services, call);
  if (!run) {
    return run.error();
  }
  const std::vector<Step> steps = services.steps.Of(run->id);
  return JsonAnswer(200, RunJson(*run, steps, ProgressOf(services, steps)));
}

HttpResponse CancelRun(const ApiServices& services, const ApiCall& call) {
  const auto body = BodyFields::Read(call.request, {"reason"}, {});
  if (!body) {
    return body.error();
  }
  const auto run = NamedRun(services, call);
  if (!run) {
    return run.error();
  }
  std::string reason = "cancelled by " + FormatPerson(call.who.person);
  if (!body->Text("reason").empty()) {
    reason += ": " + OneLine(body->Text("reason"));
  }
  switch (services.runs.RequestCancel(run->id, reason)) {
    case CancelOutcome::kCancelled:
      return JsonAnswer(200, TakenJson("run", run->id.text(), "cancelled"));
    case CancelOutcome::kRequested:
      services.cancel_run(run->id);
      return JsonAnswer(202, TakenJson("run", run->id.text(), "cancelling"));
    case CancelOutcome::kAlreadyFinished:
      return ErrorAnswer(409, "already_finished", "the run is finished");
    case CancelOutcome::kNotFound:
      break;
  }
  return NoSuch("such run");
}

HttpResponse AskRun(const ApiServices& services, const ApiCall& call) {
  const auto body = BodyFields::Read(call.request, {"revision", "training"}, {"again"});
  if (!body) {
    return body.error();
  }
  RunWish wish;
  wish.project = call.project();
  wish.revision = body->Text("revision");
  wish.training = body->Text("training");
  wish.again = body->Flag("again");
  wish.person = call.who.person;
  if (services.config.SourceOf(wish.project) == nullptr) {
    return NoSuch("source that may release " + wish.project.text());
  }
  if (!wish.revision.empty() && !IsValidRefName("refs/heads/" + wish.revision)) {
    return ErrorAnswer(422,
                       "bad_revision",
                       "revision must be a branch, or a commit id or the first 7 or more digits "
                       "of one");
  }
  if (!wish.training.empty() && wish.training != "full" && wish.training != "degraded") {
    return ErrorAnswer(422, "bad_training", "training is full or degraded");
  }
  const Result<RunId> run = services.ask_run(wish);
  if (!run) {
    const int status = run.error().code == "not_found" ? 404 : 422;
    return ErrorAnswer(status, run.error().code, run.error().text);
  }
  return JsonAnswer(202, TakenJson("run", run->text(), "queued"));
}

}  // namespace

void AddRunRoutes(ApiRoutes& routes, const ApiServices& services) {
  routes.Get("/api/v1/runs",
             {"project", "source", "state", "limit", "before"},
             [&services](const ApiCall& call) { return ListRuns(services, call); });
  routes.Get("/api/v1/runs/{run}", {}, [&services](const ApiCall& call) {
    return ShowRun(services, call);
  });
  routes.Post("/api/v1/runs/{run}/cancel", Role::kDeveloper, [&services](const ApiCall& call) {
    return CancelRun(services, call);
  });
  routes.Post("/api/v1/projects/{project}/run", Role::kDeveloper, [&services](const ApiCall& call) {
    return AskRun(services, call);
  });
}

}  // namespace failgate
