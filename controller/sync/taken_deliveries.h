// Deliveries between the inbox and their answer: taken in batches, joined to events, held a source.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "controller/base/guarded.h"
#include "controller/store/event_queue.h"
#include "controller/store/inbox.h"

namespace failgate {

/// Taken from the inbox, not answered yet.
struct TakenDelivery {
  std::string id;
  std::string event;  ///< id of the event it became part of
  std::vector<RefHint> refs;
};

/// What one look at a source is for.
struct SourceWork {
  std::vector<Event> events;
  std::vector<TakenDelivery> deliveries;
};

/// Thread-safe. However many deliveries wait, taking them costs two transactions; a source that is
/// not read holds a bounded number of them, the rest stays in the inbox and its limits.
class TakenDeliveries {
 public:
  /// The references must outlive it. `sources`: those that can be looked at.
  TakenDeliveries(Inbox& inbox, EventQueue& events, std::set<SourceName> sources);

  /// Called by Take when a delivery for the operations repository was among them. Set before use.
  void OnOperationsDelivery(std::function<void()> told) { operations_ = std::move(told); }
  /// The same for deliveries of the SonarQube server.
  void OnSonarDelivery(std::function<void()> told) { sonar_ = std::move(told); }
  /// The same for deliveries of the MLflow server, with the models they are about.
  void OnMlflowDelivery(std::function<void(const std::set<std::string>&)> told) {
    mlflow_ = std::move(told);
  }
  /// Takes what is queued and makes events of it; one per source and ref. Those nobody looks at are
  /// answered at once.
  void Take();
  /// All due events of a source with the deliveries behind them.
  [[nodiscard]] SourceWork Claim(const SourceName& source);
  /// The deliveries wait for the next look, before those that came meanwhile.
  void GiveBack(const SourceName& source, std::vector<TakenDelivery> deliveries);

 private:
  using Held = std::map<SourceName, std::vector<TakenDelivery>>;
  [[nodiscard]] std::set<SourceName> SourcesWithEnough() const;
  void AnswerUnread(const std::vector<QueuedDelivery>& taken);
  void Hold(std::vector<QueuedDelivery> taken);

  Inbox& inbox_;
  EventQueue& events_;
  const std::set<SourceName> sources_;
  std::function<void()> operations_;
  std::function<void()> sonar_;
  std::function<void(const std::set<std::string>&)> mlflow_;
  Guarded<Held> held_;
};

}  // namespace failgate
