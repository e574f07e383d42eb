// Whose log it is: taking it over, standing still for what only people can mend, and going on.
#include "controller/base/fail_point.h"
#include "controller/promotion/history_acceptance.h"
#include "controller/promotion/promoter.h"

namespace failgate {

/// Only an operator's acceptance can be carried out now; whatever else was asked waits.
bool Promoter::AcceptHistory() {
  for (const Request& request : parts_.requests.Open()) {
    if (request.kind == kAcceptHistory) {
      Answer(request, CarryOutAcceptance(request, parts_.log, parts_.runs, parts_.clock.Now()));
    }
    if (parts_.log.standing() == LogStanding::kOurs) {
      ForgetHistory();
      return true;
    }
  }
  return false;
}

/// Under the same names the log may hold something else now.
void Promoter::ForgetHistory() {
  log_reader_ = LogViewReader();
  catalogue_ = ReleaseCatalogue();
  assessments_ = AssessmentMemory();
  orders_ = OrderBook();
}

/// Nothing can be written, so nothing may be done: another instance has the targets, or what the
/// branches say is not to be trusted.
void Promoter::StandDown(LogStanding standing) {
  if (standing == LogStanding::kFenced) {
    parts_.reconciler.Retire();
  } else {
    parts_.reconciler.SetOrders({});  // what is in progress finishes: nothing is left torn
  }
  stood_down_ = true;
  shared_.Lock()->standing = standing;
}

void Promoter::TakeOver() {
  const auto foreign = parts_.log.WhyNotOurs();
  if (foreign && told_foreign_) {
    told_foreign_(*foreign);
  }
  parts_.log.TakeOver();
  FailPoint("taken-over");
  taken_over_ = true;
  changed_ = true;
}

/// What people asked through the API before the key changed is still what they asked.
void Promoter::KnowKeys() {
  const auto controller = LogTree(parts_.log.repository(), parts_.log.LogHead()).Controller();
  std::string known = parts_.key.PublicLine();
  std::vector<FormerController> former;
  for (const FormerKey& key : controller ? controller->former : std::vector<FormerKey>()) {
    if (auto signers = AllowedSigners::Parse("controller " + key.line + "\n")) {
      former.push_back(FormerController{std::move(*signers), key.main});
    }
    known += "\n" + key.line;
  }
  if (known != known_keys_) {
    wishes_.Know(OnlyController(parts_.key.PublicLine()), std::move(former));
    assessments_ = AssessmentMemory();
    known_keys_ = std::move(known);
  }
}

}  // namespace failgate
