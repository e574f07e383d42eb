// A target in memory that does what the test tells it, and a reconciler with a real database.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "controller/base/durable_file.h"
#include "controller/base/error.h"
#include "controller/reconcile/reconciler.h"
#include "tests/support/fake_clock.h"

namespace failgate {

/// Runs one release a path. Fake.
class FakeTarget final : public Target {
 public:
  [[nodiscard]] Observation Observe(const TargetStep& step, bool full) override {
    full_looks += full ? 1 : 0;
    if (step.step->directory.path == foreign) {
      return {Observation::Kind::kForeign, "a folder that failgate did not make"};
    }
    const auto at = runs.find(step.step->directory.path);
    if (at == runs.end()) return {Observation::Kind::kAbsent, "nothing there"};
    if (at->second == step.deployable->release.text()) {
      return {Observation::Kind::kAsWanted, "", notice};
    }
    return {Observation::Kind::kDiffers, "other: " + at->second};
  }
  void Apply(const TargetStep& step) override {
    ++applies;
    const std::string& release = step.deployable->release.text();
    if (passing_errors > 0) {
      --passing_errors;
      throw Error(Remedy::kRetry, "disk full");
    }
    if (release == broken) throw Error(Remedy::kNeedsChange, "bytes are gone");
    if (release != ignored) runs[step.step->directory.path] = release;
  }
  [[nodiscard]] HealthAnswer Healthy(const TargetStep& step,
                                     Milliseconds within,
                                     const std::stop_token& stop) override {
    static_cast<void>(within);
    static_cast<void>(stop);
    ++asks;
    return {runs[step.step->directory.path] != sick, "it is sick"};
  }
  void Prune(const TargetStep& step, const std::vector<TargetStep>& keep) override {
    static_cast<void>(step);
    pruned.clear();
    for (const TargetStep& kept : keep) pruned += kept.deployable->release.text() + " ";
  }

  void Remove(const TargetStep& step) override {
    if (passing_errors > 0) {
      --passing_errors;
      throw Error(Remedy::kRetry, "disk full");
    }
    if (!stays) runs.erase(step.step->directory.path);
  }

  std::map<std::string, std::string> runs;  ///< path -> release
  std::string sick;                         ///< this release is never healthy
  std::string broken;                       ///< this one cannot be applied
  std::string ignored;                      ///< applying this one has no effect
  std::string notice;                       ///< of what is as wanted
  std::string foreign;                      ///< at this path stands something else
  bool stays = false;                       ///< removing has no effect
  int passing_errors = 0;
  int applies = 0;
  int asks = 0;
  int full_looks = 0;
  std::string pruned = "never";
};

class ReconcileWorld : public testing::Test {
 protected:
  ReconcileWorld() { Restart(); }
  /// A new process: only the database and the target are left.
  void Restart() {
    reconciler_ = std::make_unique<Reconciler>(target_, store_, Reconciler::Options(), clock_);
  }

  static Deployable Release(const std::string& name) {
    Deployable deployable;
    deployable.release = ReleaseName(name);
    deployable.spec = "spec";
    deployable.steps = {
        DeployStep{"model",
                   {"/srv/model", {"model"}},
                   HealthCheck{HealthCheck::Kind::kTcp, "x:1", Milliseconds(30'000)}}};
    return deployable;
  }
  static Order MakeOrder(long attempt, const std::string& wanted, const std::string& previous) {
    Order order;
    order.environment = EnvironmentName("prod");
    order.project = ProjectName("churn");
    order.attempt = attempt;
    order.wanted = Release(wanted);
    if (!previous.empty()) order.previous = Release(previous);
    return order;
  }
  static Order Finished(long attempt, const std::string& wanted, const std::string& previous) {
    Order order = MakeOrder(attempt, wanted, previous);
    order.finished = true;
    return order;
  }
  static std::vector<SharedOrder> Shared(const std::vector<Order>& orders) {
    std::vector<SharedOrder> shared;
    for (const Order& order : orders) shared.push_back(std::make_shared<const Order>(order));
    return shared;
  }
  void Give(const std::vector<Order>& orders) { reconciler_->SetOrders(Shared(orders)); }
  /// Steps and moves time until nothing more happens within two minutes of it.
  void RunOut() {
    for (int i = 0; i < 600; ++i) {
      reconciler_->StepForTest();
      clock_.Advance(Milliseconds(200));
    }
  }
  /// The only result.
  ReconcileResult One() {
    const auto results = reconciler_->Results();
    EXPECT_EQ(results.size(), 1U);
    return results.empty() ? ReconcileResult() : results.front();
  }
  void AcknowledgeAll() {
    for (const ReconcileResult& result : reconciler_->Results()) reconciler_->Acknowledge(result);
  }
  std::string& Runs() { return target_.runs["/srv/model"]; }

  TemporaryFolder folder_;
  FakeClock clock_;
  Database database_{folder_.path() / "state.db", DatabaseUser::kServer, clock_};
  DeploymentStore store_{database_, clock_};
  FakeTarget target_;
  std::unique_ptr<Reconciler> reconciler_;
};

}  // namespace failgate
