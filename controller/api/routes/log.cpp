#include "controller/api/answers.h"
#include "controller/api/auth.h"
#include "controller/api/json.h"
#include "controller/api/routes/routes.h"
#include "controller/api/routes/snapshot_answers.h"
#include "controller/deploylog/log_index.h"
#include "controller/git/repository.h"
#include "policies/decision_json.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxDecisionBytes = std::size_t{8} << 20U;

/// Facts about no project are for tokens without scope.
bool MayRead(const TokenIdentity& who, const Fact& fact) {
  return who.projects.empty() || (!fact.project.empty() && who.Covers(fact.project));
}

/// `before` of a query, which people may write: only a commit of the log is a place in it.
bool IsPlaceInLog(const ApiServices& services,
                  const Repository& operations,
                  const CommitId& before,
                  const CommitId& head) {
  if (!IsObjectId(before.text())) {
    return false;
  }
  return services.facts != nullptr
             ? IsInHistory(*services.facts, operations, before, head)
             : operations.HasCommit(before) && operations.IsAncestor(before, head);
}

std::vector<LogEntry> ReadLog(const ApiServices& services,
                              const Repository& operations,
                              const CommitId& head,
                              const LogFilter& filter) {
  return services.facts != nullptr ? ReadIndexedHistory(*services.facts, operations, head, filter)
                                   : ReadHistory(operations, head, filter);
}

/// The log, or only its decisions.
HttpResponse ShowFacts(const ApiServices& services, const ApiCall& call, bool decisions) {
  const auto snapshot = NeedSnapshot(services);
  if (!snapshot) {
    return snapshot.error();
  }
  const auto page = ReadPage(call);
  if (!page) {
    return page.error();
  }
  LogFilter filter;
  filter.environment = EnvironmentName(call.Query("environment"));
  filter.project = ProjectName(call.Query("project"));
  filter.before = CommitId(page->before);
  filter.limit = page->limit;
  if (decisions) {
    filter.kind = FactKind::kDecided;
  }
  if (!filter.project.empty()) {
    if (auto refused = RefuseProject(call.who, filter.project)) {
      return *std::move(refused);
    }
  }
  const std::optional<CommitId>& head = (*snapshot)->log_head;
  if (!head) {
    return JsonAnswer(200, LogJson({}));
  }
  const Repository operations = Repository::Open(services.operations_mirror);
  const CommitId& before = filter.before;
  if (!before.empty() && !IsPlaceInLog(services, operations, before, *head)) {
    return ErrorAnswer(422, "bad_query", "before must be a commit of the log");
  }
  const std::vector<LogEntry> read = ReadLog(services, operations, *head, filter);
  std::vector<LogEntry> shown;
  for (const LogEntry& entry : read) {
    if (MayRead(call.who, entry.written.fact)) {
      shown.push_back(entry);
    }
  }
  const std::string last = read.empty() ? "" : read.back().commit.text();
  const std::string json = decisions ? DecisionsJson(shown) : LogJson(shown);
  return WithNext(JsonAnswer(200, json), *page, read.size(), last);
}

HttpResponse ShowDecision(const ApiServices& services, const ApiCall& call) {
  const auto snapshot = NeedSnapshot(services);
  if (!snapshot) {
    return snapshot.error();
  }
  const std::optional<std::string> path = DecisionPath(call.Parameter("decision"));
  const std::optional<CommitId>& head = (*snapshot)->log_head;
  if (!path || !head) {
    return NoSuch("such decision");
  }
  const Repository operations = Repository::Open(services.operations_mirror);
  std::optional<std::string> bytes = operations.ReadFile(*head, *path, kMaxDecisionBytes);
  const auto record = DecisionRecordFromJson(bytes.value_or(""));
  if (!record || !call.who.Covers(record->project)) {
    return NoSuch("such decision");
  }
  // The very bytes that its name is the digest of.
  HttpResponse response;
  response.content_type = "application/json";
  response.body = *std::move(bytes);
  return response;
}

}  // namespace

void AddLogRoutes(ApiRoutes& routes, const ApiServices& services) {
  routes.Get("/api/v1/log",
             {"environment", "project", "limit", "before"},
             [&services](const ApiCall& call) { return ShowFacts(services, call, false); });
  routes.Get("/api/v1/decisions",
             {"environment", "project", "limit", "before"},
             [&services](const ApiCall& call) { return ShowFacts(services, call, true); });
  routes.Get("/api/v1/decisions/{decision}", {}, [&services](const ApiCall& call) {
    return ShowDecision(services, call);
  });
}

}  // namespace failgate
