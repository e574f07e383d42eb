// `remove` as a person asks for it: one commit on main that says `release: none`.
#include <fmt/format.h>

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

}  // namespace

RequestAnswer CarryOutRemoval(const RequestedWork& work) {
  if (work.request.reason.empty()) {
    return RefuseRequest(422, "reason_missing", "a removal asks a reason: add -m TEXT");
  }
  const std::string project = work.pair.second.text();
  const std::string environment = work.pair.first.text();
  MainEdit edit;
  edit.kind = "remove";
  edit.restate = MustRestate(work);
  edit.subject = fmt::format("Remove {} from {}", project, environment);
  edit.edit = [&work](const std::optional<std::string>& text) {
    return SetRelease(work.pair.first, work.pair.second, text, "none");
  };
  return WriteDesired(
      work,
      std::move(edit),
      work.state.running.empty() && work.state.decided.release.empty()
          ? fmt::format("nothing of {} runs in {}, and nothing goes in", project, environment)
          : fmt::format("{} is taken away from {}", project, environment));
}

}  // namespace failgate
