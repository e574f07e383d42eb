// Logs of versions that kept the ends of deployments inside the state's file.
#include <gtest/gtest.h>

#include <set>

#include "controller/deploylog/audit.h"
#include "controller/deploylog/deploy_log.h"
#include "controller/deploylog/deployment_ends.h"
#include "controller/deploylog/environment_files.h"
#include "tests/integration/deploylog/forged_log.h"
#include "tests/integration/promotion/ladder_world.h"

namespace failgate {
namespace {

const ProjectName kApp("app");

class FormerLog : public testing::Test {
 protected:
  FormerLog() {
    world_.PassRun({});
    world_.Turn();
    log_.emplace(world_.operations.origin(), folder_.path());
  }

  /// As the former version would have left the log, which ended with the commit at `last`; those
  /// behind it are this version's.
  void PutFormerForm(std::size_t last) {
    std::set<std::string> ours;
    for (std::size_t place = 0; place < log_->commits.size(); ++place) {
      const EnvironmentName about = log_->commits[place].Written().fact.environment;
      if (place > last) {
        ours.insert(about.text());
      }
      for (const char* environment : {"dev", "recette", "prod"}) {
        if (ours.count(environment) == 0) {
          PutFormerState(place, environment);
        }
      }
    }
    log_->SignFrom(0, world_.key);
    log_->Write();
  }

  void PutFormerState(std::size_t place, const std::string& environment) {
    const EnvironmentName name(environment);
    auto state = ReadEnvironment(log_->repository, log_->commits[place].id, name, kApp);
    if (!state) {
      return;
    }
    state->ends_inside = true;
    log_->PutState(place, environment, *state);
    for (const HistoryEntry& end : state->history) {
      log_->PutFile(place, EndsPath(name, kApp, end.release), std::nullopt);
    }
  }

  AuditReport Verify() {
    AuditScope scope;
    scope.controllers =
        AllowedSigners::Parse("controller " + world_.key.PublicLine() + "\n").value();
    const Repository repository = Repository::Open(folder_.path() / "log.git");
    return VerifyLog(repository, repository.Ref(kDeployLogRef), scope);
  }

  DeployLog Continue() {
    RemoteConfig config;
    config.url = (folder_.path() / "log.git").string();
    config.home = folder_.path() / "home";
    DeployLog::Options options;
    options.repository = folder_.path() / "mirror.git";
    options.controller = "main";
    options.instance = "another";
    options.host = "testhost";
    return {options, [this, config] { return Remote(runner_, config); }, world_.key, world_.clock};
  }

  FactDraft Healed(const EnvironmentState& state) {
    FactDraft draft;
    draft.fact.kind = FactKind::kHealed;
    draft.fact.at = world_.clock.Now();
    draft.fact.subject = "healed app-1 in dev";
    draft.fact.project = kApp;
    draft.fact.environment = EnvironmentName("dev");
    draft.fact.release = state.decided.release;
    draft.fact.Add("Attempt", std::to_string(state.decided.attempt));
    draft.result = "success";
    return draft;
  }

  LadderWorld world_;
  TemporaryFolder folder_;
  ProcessRunner runner_;
  std::optional<ForgedLog> log_;
};

TEST_F(FormerLog, PassesTheAudit) {
  PutFormerForm(log_->commits.size());
  EXPECT_NE(log_->File(log_->FindLast("deployed app-1 to dev"), "dev/app.json").find("history"),
            std::string::npos);
  const AuditReport report = Verify();
  EXPECT_TRUE(report.ok()) << WriteJson(report);
}

TEST_F(FormerLog, PassesTheAuditWhenThisVersionWentOnInTheMiddle) {
  PutFormerForm(log_->Find("promoted app-1 to dev"));
  const AuditReport report = Verify();
  EXPECT_TRUE(report.ok()) << WriteJson(report);
}

TEST_F(FormerLog, IsContinuedWithTheEndsItKnew) {
  PutFormerForm(log_->commits.size());
  DeployLog log = Continue();
  log.Fetch();
  log.TakeOver();
  const EnvironmentName dev("dev");
  LogViewReader reader;
  const EnvironmentState before =
      reader.Read(log.repository(), log.LogHead())->Environment(dev, kApp);
  ASSERT_TRUE(before.ends_inside);
  ASSERT_EQ(before.history.size(), 1U);
  log.Append({Healed(before)});
  const EnvironmentState after =
      reader.Read(log.repository(), log.LogHead())->Environment(dev, kApp);
  EXPECT_FALSE(after.ends_inside);
  EXPECT_EQ(after.history, before.history);
  EXPECT_TRUE(log.repository().BlobId(*log.LogHead(), "dev/app.ends/app-1.json").has_value());
  const AuditReport report = Verify();
  EXPECT_TRUE(report.ok()) << WriteJson(report);
}

}  // namespace
}  // namespace failgate
