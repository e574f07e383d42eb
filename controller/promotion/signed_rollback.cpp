#include "controller/promotion/signed_rollback.h"

#include <fmt/format.h>

#include <algorithm>

#include "controller/base/error.h"
#include "controller/base/log.h"
#include "controller/promotion/main_writer.h"
#include "policies/decision_json.h"

namespace failgate {
namespace {

/// As `failgate rollback` without --because.
constexpr Because kBlamed = Because::kBoth;

/// What ran when the order was decided; empty: nothing, or the log does not say.
ReleaseName RanBefore(const Situation& situation, const Ordered& decided) {
  const auto path = DecisionPath(decided.decision);
  const auto bytes = path ? situation.log.File(*path) : std::nullopt;
  const auto record =
      bytes ? DecisionRecordFromJson(*bytes) : Result<DecisionRecord>(Refusal{"no_decision", ""});
  return record ? record->facts.running.value_or(ReleaseName()) : ReleaseName();
}

/// nullopt: there is nothing to except.
std::optional<Exception> Owed(const Situation& situation,
                              const EnvironmentProject& pair,
                              const Ordered& decided,
                              const Wish& wish) {
  const ReleaseName bad = RanBefore(situation, decided);
  const Desired* desired = situation.DesiredOf(pair);
  if (bad.empty() || bad == decided.release || desired == nullptr || !desired->problems.empty()) {
    return std::nullopt;
  }
  const auto& known = desired->except;
  if (std::any_of(known.begin(), known.end(), [&](const Exception& exception) {
        return exception.release == bad;
      })) {
    return std::nullopt;
  }
  const auto bad_record = situation.Record(bad);
  const auto good_record = situation.Record(decided.release);
  if (!bad_record || !good_record || SharesIngredient(kBlamed, *bad_record, *good_record)) {
    return std::nullopt;
  }
  return Exception{bad, kBlamed, wish.reason, wish.requester.email};
}

bool Write(const Situation& situation,
           const EnvironmentProject& pair,
           const Wish& wish,
           const Exception& exception,
           DeployLog& log,
           const SigningKey& key) {
  MainEdit edit;
  edit.path = DesiredPath(pair.first, pair.second);
  edit.subject = fmt::format("Except {} in {}", exception.release.text(), pair.first.text());
  edit.request = "except-" + wish.commit.text();  // one a commit: found again after a lost answer
  edit.kind = "rollback";
  edit.reason = wish.reason;
  edit.person = wish.requester;
  const auto blob = situation.operations.BlobId(situation.main, edit.path);
  edit.edit = [&](const std::optional<std::string>& text) -> Parsed<std::string> {
    // After a lost race the file may say something else: that is looked at in the next pass.
    const auto head = log.MainHead();
    if (!text || !head || log.repository().BlobId(*head, edit.path) != blob) {
      return text.value_or(std::string());
    }
    return AddException(pair.first, pair.second, text, exception);
  };
  const auto written = WriteMain(log, key, edit, situation.now);
  if (!written) {
    log::Warning("what a signed commit took back cannot be excepted",
                 {{"problem", Describe(written.error().front())}});
    return false;
  }
  return !written->already;
}

}  // namespace

bool ExceptWhatSignersTookBack(const Situation& situation,
                               const LogView& view,
                               WishFinder& wishes,
                               DeployLog& log,
                               const SigningKey& key) {
  for (const auto& [pair, file] : view.environments) {
    const Ordered& decided = file.state->decided;
    if (!decided.rollback || decided.wanted.empty() ||
        situation.view.deployments.count(pair) == 0 || !situation.ProblemsFor(pair).empty()) {
      continue;
    }
    const auto wish = wishes.Find(situation.operations, situation.main, pair);
    if (!wish || !wish->by_signature || wish->commit.text() != decided.wanted) {
      continue;
    }
    const auto owed = Owed(situation, pair, decided, *wish);
    // One a look: main is another one afterwards.
    if (owed && Write(situation, pair, *wish, *owed, log, key)) {
      return true;
    }
  }
  return false;
}

}  // namespace failgate
