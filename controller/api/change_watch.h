// Finds out what changed since the last look, and tells the event feed.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "controller/api/event_feed.h"
#include "controller/api/services.h"

namespace failgate {

/// Looks at the newest 200 rows of each list, and only while somebody listens. Begin may be called
/// from any thread, Step from one.
class ChangeWatch {
 public:
  ChangeWatch(const ApiServices& services, EventFeed& feed);
  /// Before somebody starts to listen: changes from now on are told.
  void Begin();
  void Step();

 private:
  struct Seen {
    std::map<std::string, std::string> runs;        ///< id -> what was told last
    std::map<std::string, std::string> deliveries;  ///< id -> what was told last
    std::optional<CommitId> log_head;
  };
  struct State {
    std::optional<Seen> seen;
    SteadyTime wanted_at;
  };
  [[nodiscard]] std::map<std::string, Run> NewestRuns() const;
  [[nodiscard]] std::map<std::string, DeliveryRecord> NewestDeliveries() const;
  [[nodiscard]] std::optional<CommitId> LogHead() const;
  [[nodiscard]] Seen Look() const;
  void TellRuns(Seen& seen);
  void TellDeliveries(Seen& seen);
  void TellFacts(Seen& seen);
  [[nodiscard]] std::vector<ProjectName> ProjectsOf(const SourceName& source) const;

  const ApiServices& services_;
  EventFeed& feed_;
  Guarded<State> state_;
};

}  // namespace failgate
