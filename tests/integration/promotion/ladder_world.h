// A whole ladder dev > recette > prod without HTTP and forges: real repositories, real database,
// real directories; runs are put into the store as if a pipeline had just passed.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "controller/artifacts/artifact_store.h"
#include "controller/checks/check_desk.h"
#include "controller/deploylog/audit.h"
#include "controller/deploylog/log_history.h"
#include "controller/promotion/ladder_report.h"
#include "controller/promotion/promoter.h"
#include "controller/release/run_result.h"
#include "controller/runners/local_runner.h"
#include "controller/store/database.h"
#include "controller/store/deployment_store.h"
#include "controller/targets/versioned_directory.h"
#include "tests/support/fake_clock.h"
#include "tests/support/git_world.h"

namespace failgate {

/// What a run proved, in the few words these tests need.
struct Proof {
  long long unit = 5;
  long long functional = 2;
  long long lines_covered = 90;                ///< of 100
  std::string content = "one";                 ///< of the artifact app.txt
  std::map<std::string, double> metrics = {};  ///< of a training
  std::string champion = {};                   ///< that it could look at
};

class LadderWorld {
 public:
  LadderWorld();
  ~LadderWorld();

  /// A pushed commit by `author` whose run passed; answers nothing yet: Turn() releases it.
  void PassRun(const Proof& proof, const std::string& author = "Dana Dev <dana@example.com>");
  /// Another run of the head that was pushed last passed, with the same bytes.
  void PassHeadAgain(const Proof& proof);
  /// Promoter and reconciler by turns until nothing changes any more.
  void Turn();
  /// One pass of the promoter alone.
  void Pass();
  /// A wish through the API; its answer after the next Turn (JSON).
  std::string Ask(const std::string& kind,
                  const std::string& environment,
                  const std::string& release,
                  const std::string& email,
                  Role role = Role::kApprover,
                  const std::string& reason = "",
                  const std::string& options = "");
  /// The same without a turn; answers its id.
  std::string Queue(const std::string& kind,
                    const std::string& environment,
                    const std::string& release,
                    const std::string& email,
                    Role role = Role::kApprover,
                    const std::string& reason = "",
                    const std::string& options = "");
  /// Restarts every part on the same data directory, the database deleted when asked.
  void Restart(bool lose_database = false);

  [[nodiscard]] std::shared_ptr<const PromotionSnapshot> Snapshot() const;
  /// The promoter's own answer: a gate that waited may have opened.
  [[nodiscard]] bool IsDue() const;
  [[nodiscard]] StatusRow Status(const std::string& environment);
  [[nodiscard]] WhyAnswer Why(const std::string& environment);
  /// "deployed app-1" … of one environment, oldest first.
  [[nodiscard]] std::vector<std::string> Facts(const std::string& environment);
  /// Content of app.txt behind the link; "" when there is none.
  [[nodiscard]] std::string Live(const std::string& environment) const;
  [[nodiscard]] AuditReport Audit();
  /// A failure of the test with what the audit finds; nothing when it finds nothing.
  void ExpectProven();
  /// Of the present life.
  [[nodiscard]] TokenStore& Tokens() const;
  [[nodiscard]] RunStore& Runs() const;
  void EditMain(const std::map<std::string, std::string>& files, const std::string& message);
  /// The same without a turn.
  void PushMain(const std::map<std::string, std::string>& files, const std::string& message);

  TemporaryFolder folder;
  GitWorld operations;
  GitWorld source;
  FakeClock clock;
  SigningKey key;  ///< the first one; its file is folder/key
  /// Of the server file; takes effect with the next Restart. Empty: nobody signs policy.
  std::filesystem::path owners;
  /// Runs checks; takes effect with the next Restart and outlives the world. nullptr: nobody does.
  CheckDesk* checks = nullptr;
  /// The forge's name of a run's delivery; as `checks`. Empty: nobody asks.
  std::function<std::string(const std::string&)> delivery_name;
  /// Repeats runs; as `checks`.
  ComparisonRuns* comparisons = nullptr;
  std::map<std::string, std::string> answers;

 private:
  struct Controller;
  void PassRunOf(const std::string& revision, const Proof& proof, const std::string& again);
  std::unique_ptr<Controller> controller_;
  int life_ = 0;
};

}  // namespace failgate
