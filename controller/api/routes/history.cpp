#include <algorithm>

#include "controller/api/answers.h"
#include "controller/api/body_fields.h"
#include "controller/api/routes/routes.h"
#include "controller/base/text.h"
#include "controller/promotion/history_acceptance.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxReasonBytes = 4000;
constexpr std::size_t kCommitDigits = 40;

bool IsWholeCommit(const std::string& text) {
  return text.size() == kCommitDigits &&
         text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

/// Answered when the fact is on the remote.
void Accept(const ApiServices& services,
            PendingRequests& pending,
            ApiCall& call,
            Responder& responder) {
  const auto body = BodyFields::Read(call.request, {"commit", "reason"}, {});
  if (!body) {
    responder.Send(body.error());
    return;
  }
  if (!call.who.projects.empty()) {
    responder.Send(ErrorAnswer(
        403, "forbidden", "the token is for some projects only: history is everybody's"));
    return;
  }
  Request request;
  request.kind = kAcceptHistory;
  request.person = call.who.person;
  request.role = call.who.role;
  request.token_id = call.who.id;
  request.reason = std::string(Trim(body->Text("reason")));
  request.options_json = body->Text("commit");
  if (!IsWholeCommit(request.options_json)) {
    responder.Send(ErrorAnswer(
        422, "bad_commit", "name the commit that you examined with all of its 40 digits"));
    return;
  }
  if (request.reason.empty() || request.reason.size() > kMaxReasonBytes) {
    responder.Send(ErrorAnswer(422, "reason_missing", "give a reason of 1 to 4000 bytes"));
    return;
  }
  if (!pending.HasRoom()) {
    responder.Send(BusyAnswer("busy", "too many requests wait: try again"));
    return;
  }
  const std::string id = services.requests.Add(std::move(request));
  pending.Wait(id, std::move(responder));
  services.wake_promoter();
}

}  // namespace

void AddHistoryRoutes(ApiRoutes& routes, const ApiServices& services, PendingRequests& pending) {
  routes.PostLate("/api/v1/operations/accept-history",
                  Role::kOperator,
                  [&services, &pending](ApiCall& call, Responder& responder) {
                    Accept(services, pending, call, responder);
                  });
}

}  // namespace failgate
