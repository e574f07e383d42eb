// `remove` as a person asks for it: one commit on main that says `release: none`.
#include <fmt/format.h>

#include "controller/promotion/fact_drafts.h"
#include "controller/promotion/requested_work.h"
#include "controller/promotion/wish.h"

namespace failgate {
namespace {

/// What a commit of nobody's asked for is made this person's; what could not be taken away is tried
/// again.
bool MustRestate(const RequestedWork& work) {
  if (work.state.running.empty() && work.state.decided.release.empty()) {
    return false;
  }
  const auto wish = WishFinder(OnlyController(work.key.PublicLine()))
                        .Find(work.situation.operations, work.situation.main, work.pair);
  return !wish || wish->kind != "remove" ||
         (work.state.decided.removes && work.state.decided.finished);
}

/// The desired file says so in the person's name.
RequestAnswer WantNone(const RequestedWork& work, const std::string& message) {
  if (work.request.reason.empty()) {
    return RefuseRequest(422, "reason_missing", "a removal asks a reason: add -m TEXT");
  }
  MainEdit edit;
  edit.kind = "remove";
  edit.restate = MustRestate(work);
  edit.subject = fmt::format("Remove {} from {}", work.pair.second.text(), work.pair.first.text());
  edit.edit = [&work](const std::optional<std::string>& text) {
    return SetRelease(work.pair.first, work.pair.second, text, "none");
  };
  return WriteDesired(work, std::move(edit), message);
}

std::string Taken(const RequestedWork& work) {
  return fmt::format("{} is taken away from {}", work.pair.second.text(), work.pair.first.text());
}

}  // namespace

RequestAnswer CarryOutRemoval(const RequestedWork& work) {
  const bool gone = work.state.running.empty() && work.state.decided.release.empty();
  return WantNone(work,
                  gone ? fmt::format("nothing of {} runs in {}, and nothing goes in",
                                     work.pair.second.text(),
                                     work.pair.first.text())
                       : Taken(work));
}

RequestAnswer CarryOutRemovalOfUndeployed(const RequestedWork& work) {
  const Ordered& decided = work.state.decided;
  if (!decided.finished && decided.removes) {
    return AcceptRequest(Taken(work), CommitId());
  }
  if (!decided.finished) {
    return RefuseRequest(409,
                         "in_progress",
                         fmt::format("{} is being deployed in {}: ask again when that has ended",
                                     decided.release.text(),
                                     work.pair.first.text()));
  }
  RequestAnswer answer = WantNone(work, Taken(work));
  if (answer.refused()) {
    return answer;
  }
  Wish wish;
  wish.commit = answer.commit;
  wish.requester = work.request.person;
  wish.reason = work.request.reason;
  wish.request = work.request.id;
  // After a kill before this push the request is still open, and its commit is found again.
  work.log.Append(
      {RemovalDraft(work.pair, wish, work.state.running, decided.attempt, work.situation.now)});
  return answer;
}

}  // namespace failgate
