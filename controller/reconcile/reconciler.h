// Makes what runs equal to what the log decided: deploys, proves, repairs drift, takes back.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "controller/base/clock.h"
#include "controller/checks/check_desk.h"
#include "controller/reconcile/order.h"
#include "controller/store/deployment_store.h"
#include "controller/targets/target.h"

namespace failgate {

/// A deployment in progress ends before a later order of its pair begins (docs/reconcile.md).
///
/// Its workers carry out one order a pair at a time; a slow pair never delays another beyond the
/// number of workers. Thread-safe. The promotion loop gives orders, takes results, writes them to
/// the log and acknowledges them; nothing is given up before that.
class Reconciler {
 public:
  struct Options {
    int workers = 4;
  };
  /// `checks` runs checks after deployments; nullptr: such a deployment fails.
  Reconciler(Target& target,
             DeploymentStore& deployments,
             Options options,
             const Clock& clock,
             CheckDesk* checks = nullptr);
  ~Reconciler();

  /// The whole set of what the log orders. An order that is known already changes nothing; a pair
  /// that is missing is left as it runs.
  void SetOrders(const std::vector<SharedOrder>& orders);
  /// Another controller has the targets: none is touched any more by this process, whatever orders
  /// come. What is in progress is left after the action at hand; the other one goes on with it.
  void Retire();
  /// Each pair's drift is looked at as soon as possible.
  void CheckNow(const EnvironmentName& environment, const ProjectName& project);
  /// Somebody says that what these orders made may have changed: each is looked at within half a
  /// second, however many say so.
  void CheckSoon(const std::function<bool(const Order&)>& concerns);
  /// Results not yet acknowledged, oldest first; the same ones again until Acknowledge.
  [[nodiscard]] std::vector<ReconcileResult> Results() const;
  /// The result's fact is on the remote: versions nobody needs any more may be pruned.
  void Acknowledge(const ReconcileResult& result);
  /// Called from a worker when a result is new. Set before Start.
  void OnResult(std::function<void()> wake);
  [[nodiscard]] std::map<std::pair<EnvironmentName, ProjectName>, Observed> Observations() const;
  /// Observed::notice of the pair; empty when there is none.
  [[nodiscard]] std::string Notice(const EnvironmentName& environment,
                                   const ProjectName& project) const;

  void Start();
  /// Ends after the actions in progress; idempotent.
  void Stop();
  /// For tests: carries out what is due, in this thread; answers how many pairs were looked at.
  std::size_t StepForTest();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace failgate
