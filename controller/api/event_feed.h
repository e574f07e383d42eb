// Server-sent events: who listens, and what they are told.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "controller/api/responder.h"
#include "controller/base/clock.h"
#include "controller/base/guarded.h"
#include "controller/base/ids.h"
#include "controller/base/secret.h"
#include "controller/store/token_store.h"

namespace failgate {

struct LiveEvent {
  std::string kind;  ///< "run", "release", "fact", "delivery"
  std::string json;  ///< one line
  /// Told to tokens that cover one of them; empty = to tokens for all projects only.
  std::vector<ProjectName> projects;
};

/// Thread-safe. Nothing is kept for listeners that are away: who comes back reads the lists.
class EventFeed {
 public:
  struct Options {
    std::size_t max_listeners = 100;
    Milliseconds heartbeat{15'000};
  };
  EventFeed(Options options, const TokenStore& tokens, const Clock& clock);

  /// Starts the stream, or answers 503 when too many listen.
  void Listen(Responder responder, Secret token, TokenIdentity identity);
  void Tell(const LiveEvent& event);
  /// For a loop: says that the feed lives, drops those who are gone or whose token is not valid any
  /// more.
  void Beat();
  [[nodiscard]] std::size_t listeners() const;
  /// Ends all streams.
  void Close();

 private:
  struct Listener {
    StreamWriter writer;
    Secret token;
    TokenIdentity identity;
  };
  struct State {
    std::map<long long, Listener> listeners;
    long long next_listener = 1;
    long long next_event = 1;
    SteadyTime beat_at;
    bool closed = false;
  };
  Options options_;
  const TokenStore& tokens_;
  const Clock& clock_;
  Guarded<State> state_;
};

}  // namespace failgate
