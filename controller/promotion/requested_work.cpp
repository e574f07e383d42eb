#include "controller/promotion/requested_work.h"

#include <fmt/format.h>

#include "controller/promotion/hold.h"

namespace failgate {

RequestAnswer NoSuchThing(const std::string& what) {
  return RefuseRequest(404, "not_found", "there is no " + what);
}

RequestAnswer AcceptRequest(std::string message, const CommitId& commit) {
  RequestAnswer answer;
  answer.message = std::move(message);
  answer.commit = commit;
  return answer;
}

RequestAnswer AcceptFact(const std::vector<std::optional<CommitId>>& written,
                         const std::string& message) {
  return AcceptRequest(message, written.front().value_or(CommitId()));
}

RequestAnswer WriteDesired(const RequestedWork& work, MainEdit edit, const std::string& message) {
  edit.path = DesiredPath(work.pair.first, work.pair.second);
  edit.request = work.request.id;
  edit.reason = work.request.reason;
  edit.person = work.request.person;
  const auto written = WriteMain(work.log, work.key, edit, work.situation.now);
  if (!written) {
    return RefuseRequest(
        422,
        "invalid_policy",
        fmt::format("{}: correct it on main, then ask again", Describe(written.error().front())));
  }
  return AcceptRequest(message, written->commit);
}

std::optional<std::string> HeldBecause(const RequestedWork& work) {
  const Desired* desired = work.situation.DesiredOf(work.pair);
  const TimePoint now = work.situation.now;
  if (work.state.hold && !IsOver(work.state.hold->until, now)) {
    return HoldText(*work.state.hold);
  }
  if (desired == nullptr || !desired->hold || IsOver(desired->hold->until, now)) {
    return std::nullopt;
  }
  return fmt::format("held: {}", desired->hold->reason);
}

}  // namespace failgate
