#include "controller/promotion/advice.h"

#include "controller/api/answers.h"
#include "controller/api/auth.h"
#include "controller/api/json.h"
#include "controller/api/routes/routes.h"
#include "controller/api/routes/snapshot_answers.h"
#include "controller/git/repository.h"

namespace failgate {
namespace {

HttpResponse ShowAdvice(const ApiServices& services, const ApiCall& call) {
  const auto snapshot = NeedSnapshot(services);
  if (!snapshot) {
    return snapshot.error();
  }
  LogFilter filter;
  filter.project = ProjectName(call.Query("project"));
  filter.limit = kFactsForAdvice;
  if (!filter.project.empty()) {
    if (auto refused = RefuseProject(call.who, filter.project)) {
      return *std::move(refused);
    }
  }
  const std::optional<CommitId>& head = (*snapshot)->log_head;
  std::vector<LogEntry> facts;
  if (head) {
    facts = ReadHistory(Repository::Open(services.operations_mirror), *head, filter);
  }
  std::vector<Advice> shown;
  for (Advice& advice : AdviceOf(facts, *(*snapshot)->view)) {
    if (call.who.Covers(advice.project)) {
      shown.push_back(std::move(advice));
    }
  }
  return JsonAnswer(200, AdviceJson(shown));
}

}  // namespace

void AddAdviceRoutes(ApiRoutes& routes, const ApiServices& services) {
  routes.Get("/api/v1/advice", {"project"}, [&services](const ApiCall& call) {
    return ShowAdvice(services, call);
  });
}

}  // namespace failgate
