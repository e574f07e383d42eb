#include "tests/integration/deploylog/log_world.h"

namespace failgate {

LogWorld::LogWorld()
    : operations(folder.path(), "operations"),
      key(SigningKey::Generate(folder.path() / "key", "controller")) {
  operations.Commit({{"allowed_signers", "controller " + key.PublicLine() + "\n"}}, "Begin");
  operations.Push();
}

std::unique_ptr<DeployLog> LogWorld::Controller(const std::string& instance,
                                                const std::string& name) {
  return Controller(instance, name, key);
}

std::unique_ptr<DeployLog> LogWorld::Controller(const std::string& instance,
                                                const std::string& name,
                                                const SigningKey& with) {
  RemoteConfig config;
  config.url = operations.origin().string();
  config.home = folder.path() / ("home-" + instance);
  DeployLog::Options options;
  options.repository = folder.path() / ("mirror-" + instance + ".git");
  options.controller = name;
  options.instance = instance;
  options.host = "testhost";
  return std::make_unique<DeployLog>(
      options, [this, config] { return Remote(runner, config); }, with, clock);
}

std::unique_ptr<DeployLog> LogWorld::ControllerWithFacts(int facts) {
  auto log = Controller("one");
  log->Fetch();
  log->TakeOver();
  for (int i = 0; i < facts; ++i) {
    clock.Advance(std::chrono::seconds(1));
    log->Append({Draft(FactKind::kHealed, "healed churn-1 in prod")});
  }
  return log;
}

FactDraft LogWorld::Draft(FactKind kind, const std::string& subject) {
  FactDraft draft;
  draft.fact.kind = kind;
  draft.fact.at = clock.Now();
  draft.fact.subject = subject;
  draft.fact.project = ProjectName("churn");
  draft.fact.environment = EnvironmentName("prod");
  draft.fact.release = ReleaseName("churn-1");
  draft.result = "success";
  if (kind == FactKind::kHealed) {
    draft.change = [](LogEdit& edit) {
      edit.environment->drift = Drift::kNone;
      return true;
    };
  }
  return draft;
}

AuditReport LogWorld::Audit(const std::optional<CommitId>& expect) {
  const Repository origin = Repository::Open(operations.origin());
  const auto allowed = AllowedSigners::Parse("controller " + key.PublicLine() + "\n");
  return VerifyLog(origin, origin.Ref(kDeployLogRef), *allowed, expect);
}

std::vector<std::string> LogWorld::Kinds(const AuditReport& report) {
  std::vector<std::string> kinds;
  for (const AuditProblem& problem : report.problems) {
    kinds.push_back(Word(problem.kind));
  }
  return kinds;
}

std::string LogWorld::Git(const std::vector<std::string>& arguments) {
  return operations.git().Run(operations.clone(), arguments);
}

}  // namespace failgate
