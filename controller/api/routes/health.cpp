#include <chrono>
#include <memory>
#include <utility>

#include "controller/api/answers.h"
#include "controller/api/json.h"
#include "controller/api/routes/routes.h"
#include "controller/base/guarded.h"

namespace failgate {
namespace {

/// Readiness asks the disk: however often anybody asks, the disk is asked once a second at most.
constexpr Milliseconds kKeepReadiness = std::chrono::seconds(1);

struct KnownReadiness {
  std::optional<SteadyTime> at;
  std::vector<ReadinessProblem> problems;
};

std::vector<ReadinessProblem> LookForProblems(const ApiServices& services) {
  std::vector<ReadinessProblem> problems = services.readiness();
  try {
    services.database.CheckWritable();
  } catch (const std::exception& error) {
    problems.push_back({"store", error.what(), true});
  }
  const std::string trouble = services.trouble();
  if (services.snapshot() == nullptr) {
    problems.push_back({"operations",
                        "the operations repository has not been read yet" +
                            (trouble.empty() ? std::string() : ": " + trouble),
                        true});
  } else if (!services.snapshot()->policy_trouble.empty() && trouble.empty()) {
    problems.push_back({"policy", services.snapshot()->policy_trouble, false});
  } else if (!trouble.empty()) {
    // Fenced or rewritten: somebody must act, and senders are better served by who works now.
    problems.push_back({"operations", trouble, !services.stopped().empty()});
  }
  return problems;
}

HttpResponse ReadinessAnswer(const std::vector<ReadinessProblem>& problems) {
  bool ready = true;
  for (const ReadinessProblem& problem : problems) {
    ready = ready && !problem.blocks;
  }
  return JsonAnswer(ready ? 200 : 503, ReadinessJson(ready, problems));
}

HttpResponse PlainText(int status, std::string text) {
  HttpResponse response;
  response.status = status;
  response.body = std::move(text);
  return response;
}

ApiRoute OpenGet(std::string pattern, bool at_once, AnswerFunction function) {
  ApiRoute route;
  route.method = "GET";
  route.pattern = std::move(pattern);
  route.access = Access::kOpen;
  route.at_once = at_once;
  route.function = [function = std::move(function)](ApiCall& call, Responder& responder) {
    responder.Send(function(call));
  };
  return route;
}

}  // namespace

void AddHealthRoutes(ApiRoutes& routes, const ApiServices& services) {
  routes.Add(OpenGet("/healthz", true, [](const ApiCall&) { return PlainText(200, "alive\n"); }));
  routes.Add(OpenGet("/", true, [](const ApiCall&) {
    return PlainText(501, "The dashboard is not available in this version of failgate.\n");
  }));
  auto known = std::make_shared<Guarded<KnownReadiness>>();
  routes.Add(OpenGet("/readyz", false, [&services, known](const ApiCall&) {
    const SteadyTime now = services.clock.Steady();
    {
      auto kept = known->Lock();
      if (kept->at && now - *kept->at < kKeepReadiness) {
        return ReadinessAnswer(kept->problems);
      }
      kept->at = now;  // others are answered from what was known while this one looks
    }
    std::vector<ReadinessProblem> problems = LookForProblems(services);
    HttpResponse answer = ReadinessAnswer(problems);
    auto kept = known->Lock();
    kept->problems = std::move(problems);
    return answer;
  }));
}

}  // namespace failgate
