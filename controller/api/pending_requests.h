// People's wishes that wait for the promoter, each with the connection that waits for its answer.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "controller/api/responder.h"
#include "controller/base/clock.h"
#include "controller/base/guarded.h"
#include "controller/store/request_store.h"

namespace failgate {

/// Thread-safe. A wish is durable before it waits here: whoever gives up waiting loses nothing, and
/// finds the answer under /api/v1/requests/ID.
class PendingRequests {
 public:
  struct Options {
    Milliseconds patience{30'000};
    std::size_t max_waiting = 1000;
  };
  /// `trouble` tells why the promoter cannot write now; empty = it can.
  PendingRequests(Options options,
                  RequestStore& requests,
                  std::function<std::string()> trouble,
                  const Clock& clock);

  /// True when one more may wait.
  [[nodiscard]] bool HasRoom() const;
  /// `id` is in the request store. Answers at once when it is finished there already.
  void Wait(const std::string& id, Responder responder);
  /// `answer`: what WriteJson(RequestAnswer) wrote. Ids nobody waits for are passed over.
  void Answered(const std::string& id, const std::string& answer);
  /// Answers 503 "not_written_yet" to those who waited too long. For a loop.
  void Expire();
  /// Answers all of them so: the program ends, the wishes stay.
  void ExpireAll();

 private:
  struct Waiting {
    Responder responder;
    SteadyTime until;
  };
  void ExpireUntil(SteadyTime now);

  Options options_;
  RequestStore& requests_;
  std::function<std::string()> trouble_;
  const Clock& clock_;
  Guarded<std::map<std::string, Waiting>> waiting_;
};

/// The answer of a finished request: its "http" is the status, the rest the body.
[[nodiscard]] HttpResponse FinishedAnswer(const std::string& answer);

}  // namespace failgate
