#include "controller/sync/taken_deliveries.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "controller/base/yield_every.h"
#include "controller/config/server_file.h"
#include "controller/sync/delivery_outcome.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxTakenAtOnce = 8192;
/// Of one source: more of them tell a look nothing new.
constexpr std::size_t kMaxHeld = 16384;
/// A delivery that names more refs than this asks for all of them.
constexpr std::size_t kMaxNamedRefs = 20;
constexpr const char* kOperations = "operations";

/// The events that a batch asks for, and which of them each delivery belongs to.
class EventBatch {
 public:
  void Add(const QueuedDelivery& delivery) {
    std::size_t last = 0;
    if (delivery.refs.empty() || delivery.refs.size() > kMaxNamedRefs) {
      last = Join(delivery, "");
    } else {
      for (const RefHint& hint : delivery.refs) {
        last = Join(delivery, hint.ref);
      }
    }
    of_delivery_.push_back(last);
  }
  [[nodiscard]] const std::vector<EventWish>& wishes() const { return wishes_; }
  /// Index of the event of the n-th delivery that was added.
  [[nodiscard]] std::size_t EventOf(std::size_t delivery) const {
    return of_delivery_.at(delivery);
  }

 private:
  std::size_t Join(const QueuedDelivery& delivery, const std::string& ref) {
    const auto [place, is_new] = places_.emplace(std::pair(delivery.source, ref), wishes_.size());
    if (is_new) {
      wishes_.push_back(EventWish{delivery.source, ref, EventTrigger::kDelivery, {}});
    }
    wishes_[place->second].deliveries.push_back(delivery.id);
    return place->second;
  }

  std::vector<EventWish> wishes_;
  std::map<std::pair<SourceName, std::string>, std::size_t> places_;
  std::vector<std::size_t> of_delivery_;
};

}  // namespace

TakenDeliveries::TakenDeliveries(Inbox& inbox, EventQueue& events, std::set<SourceName> sources)
    : inbox_(inbox), events_(events), sources_(std::move(sources)) {}

std::set<SourceName> TakenDeliveries::SourcesWithEnough() const {
  std::set<SourceName> sources;
  auto held = held_.Lock();
  for (const auto& [source, deliveries] : *held) {
    if (deliveries.size() >= kMaxHeld) {
      sources.insert(source);
    }
  }
  return sources;
}

void TakenDeliveries::Take() {
  std::vector<QueuedDelivery> taken = inbox_.TakeQueued(kMaxTakenAtOnce, SourcesWithEnough());
  if (taken.empty()) {
    return;
  }
  std::vector<std::string> ids;
  ids.reserve(taken.size());
  for (const QueuedDelivery& delivery : taken) {
    ids.push_back(delivery.id);
  }
  try {
    const auto unread =
        std::stable_partition(taken.begin(), taken.end(), [this](const QueuedDelivery& delivery) {
          return sources_.count(delivery.source) != 0;
        });
    AnswerUnread({unread, taken.end()});
    taken.erase(unread, taken.end());
    Hold(std::move(taken));
  } catch (...) {
    inbox_.GiveBack(ids);
    throw;
  }
}

void TakenDeliveries::AnswerUnread(const std::vector<QueuedDelivery>& taken) {
  DeliveryResult operations;
  operations.outcome_json = DeliveryOutcomeToJson({});
  DeliveryResult sonar = operations;
  DeliveryResult mlflow = operations;
  std::set<std::string> models;
  DeliveryResult unknown;
  DeliveryOutcome ignored;
  ignored.ignored_because = "the server file has no such source any more";
  unknown.outcome_json = DeliveryOutcomeToJson(ignored);
  for (const QueuedDelivery& delivery : taken) {
    if (delivery.source.text() == kOperations) {
      operations.ids.push_back(delivery.id);
    } else if (delivery.source.text() == kSonarSource && sonar_) {
      sonar.ids.push_back(delivery.id);
    } else if (delivery.source.text() == kMlflowSource && mlflow_) {
      mlflow.ids.push_back(delivery.id);
      for (const RefHint& hint : delivery.refs) {
        models.insert(hint.ref);
      }
    } else {
      unknown.ids.push_back(delivery.id);
    }
  }
  if (!operations.ids.empty() && operations_) {
    operations_();
  }
  if (!sonar.ids.empty()) {
    sonar_();
  }
  if (!models.empty()) {
    mlflow_(models);
  }
  std::vector<DeliveryResult> results;
  for (DeliveryResult* result : {&operations, &sonar, &mlflow, &unknown}) {
    if (!result->ids.empty()) {
      results.push_back(std::move(*result));
    }
  }
  inbox_.MarkDone(results);
}

void TakenDeliveries::Hold(std::vector<QueuedDelivery> taken) {
  EventBatch batch;
  YieldEvery turn(kLightSteps);
  for (const QueuedDelivery& delivery : taken) {
    turn.Step();
    batch.Add(delivery);
  }
  // Under the lock, so that no worker claims the event without its deliveries.
  auto held = held_.Lock();
  const std::vector<std::string> events = events_.EnqueueAll(batch.wishes());
  for (std::size_t i = 0; i < taken.size(); ++i) {
    turn.Step();
    QueuedDelivery& delivery = taken[i];
    (*held)[delivery.source].push_back(TakenDelivery{
        std::move(delivery.id), events.at(batch.EventOf(i)), std::move(delivery.refs)});
  }
}

SourceWork TakenDeliveries::Claim(const SourceName& source) {
  SourceWork work;
  auto held = held_.Lock();
  work.events = events_.Claim(source);
  work.deliveries = std::exchange((*held)[source], {});
  return work;
}

void TakenDeliveries::GiveBack(const SourceName& source, std::vector<TakenDelivery> deliveries) {
  auto held = held_.Lock();
  std::vector<TakenDelivery>& all = (*held)[source];
  all.insert(all.begin(),
             std::make_move_iterator(deliveries.begin()),
             std::make_move_iterator(deliveries.end()));
}

}  // namespace failgate
