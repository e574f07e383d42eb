#include "controller/api/pending_requests.h"

#include <optional>
#include <utility>
#include <vector>

#include "controller/api/answers.h"
#include "controller/api/json.h"
#include "controller/api/json_values.h"

namespace failgate {

HttpResponse FinishedAnswer(const std::string& answer) {
  wire::Json json = wire::Stored(answer);
  const bool usable = json.is_object() && json.contains("http") && json["http"].is_number_integer();
  const int status = usable ? json["http"].get<int>() : 500;
  if (status < 200 || status > 599 || !usable) {
    return ErrorAnswer(500, "internal", "the stored answer cannot be read");
  }
  json.erase("http");
  return JsonAnswer(status, wire::Write(std::move(json)));
}

PendingRequests::PendingRequests(Options options,
                                 RequestStore& requests,
                                 std::function<std::string()> trouble,
                                 const Clock& clock)
    : options_(options), requests_(requests), trouble_(std::move(trouble)), clock_(clock) {}

bool PendingRequests::HasRoom() const {
  return waiting_.Lock()->size() < options_.max_waiting;
}

void PendingRequests::Wait(const std::string& id, Responder responder) {
  waiting_.Lock()->emplace(id, Waiting{std::move(responder), clock_.Steady() + options_.patience});
  // The promoter may have finished it between its storing and this line.
  const std::optional<Request> request = requests_.Get(id);
  if (request && request->state != RequestState::kOpen) {
    Answered(id, request->answer_json);
  }
}

void PendingRequests::Answered(const std::string& id, const std::string& answer) {
  std::optional<Waiting> waiting;
  {
    auto all = waiting_.Lock();
    const auto found = all->find(id);
    if (found == all->end()) {
      return;
    }
    waiting.emplace(std::move(found->second));
    all->erase(found);
  }
  waiting->responder.Send(FinishedAnswer(answer));
}

void PendingRequests::Expire() {
  ExpireUntil(clock_.Steady());
}

void PendingRequests::ExpireAll() {
  ExpireUntil(SteadyTime::max());
}

void PendingRequests::ExpireUntil(SteadyTime now) {
  std::vector<std::pair<std::string, Waiting>> expired;
  {
    auto all = waiting_.Lock();
    for (auto each = all->begin(); each != all->end();) {
      if (each->second.until > now) {
        ++each;
        continue;
      }
      expired.emplace_back(each->first, std::move(each->second));
      each = all->erase(each);
    }
  }
  if (expired.empty()) {
    return;
  }
  const std::string trouble = trouble_();
  const std::string text =
      "the request is kept and will be carried out; ask /api/v1/requests/ID for its answer" +
      (trouble.empty() ? std::string() : ": " + trouble);
  for (auto& each : expired) {
    HttpResponse response = JsonAnswer(503, ErrorJson("not_written_yet", text, each.first));
    response.headers.emplace_back("Retry-After", kRetryAfterSeconds);
    each.second.responder.Send(std::move(response));
  }
}

}  // namespace failgate
