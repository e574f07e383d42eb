// `hold` and `resume` as a person asks for them: one commit on main each.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "controller/promotion/fact_drafts.h"
#include "controller/promotion/hold.h"
#include "controller/promotion/requested_work.h"
#include "controller/promotion/wish.h"

namespace failgate {
namespace {

/// Of options_json: {"until": TIME, "healing": "on" | "off"}, both optional.
std::optional<Hold> AskedHold(const Request& request) {
  const auto options = request.options_json.empty()
                           ? nlohmann::json::object()
                           : nlohmann::json::parse(request.options_json, nullptr, false);
  if (!options.is_object()) {
    return std::nullopt;
  }
  Hold hold;
  hold.reason = request.reason;
  hold.healing = options.value("healing", "on") != "off";
  if (options.contains("until")) {
    const auto until = ParseTime(options.value("until", ""));
    if (!until) {
      return std::nullopt;
    }
    hold.until = std::chrono::floor<std::chrono::seconds>(*until);
  }
  return hold;
}

/// The file may say so already by a commit that is nobody's: then the wish is made this person's.
bool MustRestate(const RequestedWork& work) {
  const auto wish = WishFinder(OnlyController(work.key.PublicLine()))
                        .FindHold(work.situation.operations, work.situation.main, work.pair);
  return !wish || !wish->by_api;
}

}  // namespace

RequestAnswer CarryOutHold(const RequestedWork& work) {
  if (work.request.reason.empty()) {
    return RefuseRequest(422, "reason_missing", "a hold asks a reason: add -m TEXT");
  }
  const auto hold = AskedHold(work.request);
  if (!hold) {
    return RefuseRequest(422, "bad_until", "until is a time such as 2026-12-01T09:00:00Z");
  }
  if (IsOver(hold->until, work.situation.now)) {
    return RefuseRequest(
        422, "until_past", fmt::format("{} is past already", FormatTime(*hold->until)));
  }
  MainEdit edit;
  edit.kind = "hold";
  edit.restate = MustRestate(work);
  edit.subject = fmt::format("Hold {} in {}", work.pair.second.text(), work.pair.first.text());
  edit.edit = [&](const std::optional<std::string>& text) {
    return SetHold(work.pair.first, work.pair.second, text, hold);
  };
  return WriteDesired(work,
                      std::move(edit),
                      fmt::format("{} is held in {}{}: {} ends it",
                                  work.pair.second.text(),
                                  work.pair.first.text(),
                                  hold->until ? " until " + FormatTime(*hold->until) : "",
                                  ResumeCommand(work.pair)));
}

RequestAnswer CarryOutResume(const RequestedWork& work) {
  const Desired* desired = work.situation.DesiredOf(work.pair);
  const bool asked = desired != nullptr && desired->hold.has_value();
  if (!asked && !work.state.hold) {
    return AcceptRequest(
        fmt::format(
            "{} is not held in {}: nothing to do", work.pair.second.text(), work.pair.first.text()),
        CommitId());
  }
  MainEdit edit;
  edit.kind = "resume";
  edit.restate = work.state.hold.has_value() && MustRestate(work);
  edit.subject = fmt::format("Resume {} in {}", work.pair.second.text(), work.pair.first.text());
  edit.edit = [&work](const std::optional<std::string>& text) {
    return SetHold(work.pair.first, work.pair.second, text, std::nullopt);
  };
  return WriteDesired(
      work,
      std::move(edit),
      fmt::format("{} goes on in {}", work.pair.second.text(), work.pair.first.text()));
}

RequestAnswer CarryOutResumeOfUndeployed(const RequestedWork& work) {
  const Desired* desired = work.situation.DesiredOf(work.pair);
  if (desired != nullptr && desired->hold) {
    return CarryOutResume(work);
  }
  // Main says nothing of it any more, and a new desired file would be one that nothing deploys.
  Wish wish;
  wish.commit = work.situation.main;
  wish.requester = work.request.person;
  wish.reason = work.request.reason;
  wish.request = work.request.id;
  wish.by_api = true;
  const HoldChange change{HoldChange::Kind::kResumed, *work.state.hold, std::move(wish)};
  return AcceptFact(
      work.log.Append({HoldDraft(work.pair, change, work.situation.now)}),
      fmt::format("{} goes on in {}", work.pair.second.text(), work.pair.first.text()));
}

}  // namespace failgate
