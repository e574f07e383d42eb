// An operations repository with a controller's log beside it, for tests.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "controller/deploylog/audit.h"
#include "controller/deploylog/deploy_log.h"
#include "tests/support/fake_clock.h"
#include "tests/support/git_world.h"

namespace failgate {

class LogWorld {
 public:
  LogWorld();
  /// A controller of its own: data directory, instance and connection.
  std::unique_ptr<DeployLog> Controller(const std::string& instance,
                                        const std::string& name = "main");
  /// The same with a key of its own, which must outlive it.
  std::unique_ptr<DeployLog> Controller(const std::string& instance,
                                        const std::string& name,
                                        const SigningKey& with);
  /// A fetched and taken over one, with `facts` healed/drifted facts about prod/churn written.
  std::unique_ptr<DeployLog> ControllerWithFacts(int facts);
  FactDraft Draft(FactKind kind, const std::string& subject);
  /// Audit of the origin as it is now, by a fresh mirror.
  AuditReport Audit(const std::optional<CommitId>& expect = std::nullopt);
  std::vector<std::string> Kinds(const AuditReport& report);
  std::string Git(const std::vector<std::string>& arguments);

  TemporaryFolder folder;
  GitWorld operations;
  FakeClock clock;
  SigningKey key;
  ProcessRunner runner;
};

}  // namespace failgate
