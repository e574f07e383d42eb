#include "controller/promotion/candidates.h"

#include <fmt/format.h>

#include "controller/promotion/signer_role.h"
#include "controller/promotion/soak_facts.h"
#include "controller/promotion/wanted.h"

namespace failgate {
namespace {

/// How many releases back a `newest` looks for one that passes.
constexpr std::size_t kMaxJudged = 20;
/// Those left out before (excepted, failed, taken back) included.
constexpr std::size_t kMaxLookedAt = 2000;
constexpr std::size_t kShortCommit = 12;

struct Pair {
  const Situation& situation;
  const EnvironmentProject& name;
  const EnvironmentState state;
  const std::string spec;
};

/// It is here as wanted, or was given up here in just this form and nobody asked to try it again.
bool IsSettled(const Pair& pair, const ReleaseName& release) {
  const HistoryEntry* end = pair.state.EndOf(release, pair.spec);
  const bool failed = end != nullptr && end->end == DeploymentEnd::kFailed;
  const Ordered& decided = pair.state.decided;
  const bool runs =
      decided.release == release && decided.spec == pair.spec && !decided.retry && !decided.removes;
  return failed || runs;
}

/// People took it back here: automation never chooses it again, whatever main says of exceptions.
bool WasRolledBack(const Pair& pair, const ReleaseName& release) {
  const HistoryEntry* end = pair.state.LastEnd(release);
  return end != nullptr && end->end == DeploymentEnd::kRolledBack;
}

CandidateChoice Nothing(std::string why) {
  CandidateChoice choice;
  choice.nothing = std::move(why);
  return choice;
}

using Refused = CandidateChoice::Refused;

/// `why`: of what the policy says to the person who signed.
std::optional<Refused> RefusedSigner(const Pair& pair,
                                     const ReleaseName& release,
                                     const Wish& wish,
                                     const std::optional<std::string>& why) {
  const std::string command =
      fmt::format("failgate why {} {}", pair.name.second.text(), pair.name.first.text());
  if (why) {
    return Refused{release, wish, *why, command};
  }
  // Else a key that is listed later, or a role that is given later, would revive what was refused.
  if (pair.state.refused == wish.commit.text()) {
    return Refused{
        release, wish, "the commit was refused before: ask again with another commit", command};
  }
  return std::nullopt;
}

/// What a commit that is nobody's may not ask for, and the command that may.
std::optional<Refused> RefusedWish(const Pair& pair, const ReleaseName& release, const Wish& wish) {
  if (wish.by_api) {
    return std::nullopt;
  }
  if (wish.by_signature) {
    return RefusedSigner(
        pair,
        release,
        wish,
        WhySignerMayNot(pair.situation.PolicyOf(pair.name), pair.state, pair.name, release, wish));
  }
  const std::string project = pair.name.second.text();
  const std::string environment = pair.name.first.text();
  const std::string promote = fmt::format("failgate promote {} {}", release.text(), environment);
  const bool back =
      !pair.state.running.empty() && ReleaseNumber(release) < ReleaseNumber(pair.state.running);
  if (back) {
    const std::string command = fmt::format(
        "failgate rollback {} {} --to {} -m REASON", project, environment, release.text());
    return Refused{
        release, wish, wish.Nobody() + " may not ask for a rollback: use " + command, command};
  }
  if (wish.changes_except) {
    return Refused{
        release, wish, wish.Nobody() + " may not change except: use " + promote, promote};
  }
  if (!AsksForApprovals(pair.situation.PolicyOf(pair.name))) {
    return Refused{
        release,
        wish,
        wish.Nobody() + " may ask only where approvals of others are needed: use " + promote,
        promote};
  }
  return std::nullopt;
}

std::string RetryCommand(const Pair& pair) {
  return fmt::format("failgate retry {} {}", pair.name.second.text(), pair.name.first.text());
}

CandidateChoice FailedHere(const Pair& pair, const ReleaseName& release) {
  CandidateChoice choice;
  choice.command = RetryCommand(pair);
  choice.nothing = fmt::format("{} failed here{}{}: {} tries it again",
                               release.text(),
                               pair.state.cause.empty() ? "" : ", ",
                               pair.state.cause,
                               choice.command);
  return choice;
}

bool FailedInThisForm(const Pair& pair, const ReleaseName& release) {
  const HistoryEntry* end = pair.state.EndOf(release, pair.spec);
  return end != nullptr && end->end == DeploymentEnd::kFailed;
}

/// A commit that is nobody's changed which releases are never chosen again.
std::optional<CandidateChoice> RefusedExceptions(const Pair& pair, WishFinder& wishes) {
  const auto wish = wishes.Find(pair.situation.operations, pair.situation.main, pair.name);
  if (!wish || wish->by_api || !wish->changes_except) {
    return std::nullopt;
  }
  const auto running =
      pair.state.running.empty() ? std::nullopt : pair.situation.Record(pair.state.running);
  const bool hits = running && ExceptedBecause(pair.situation, pair.name, *running);
  if (wish->by_signature) {
    auto refused = RefusedSigner(
        pair,
        pair.state.running,
        *wish,
        WhySignerMayNotExcept(pair.situation.PolicyOf(pair.name), pair.name, *wish, hits));
    if (!refused) {
      return std::nullopt;
    }
    CandidateChoice choice;
    choice.nothing = refused->why;
    choice.refused = std::move(refused);
    return choice;
  }
  const std::string undo = "git revert " + wish->commit.text().substr(0, kShortCommit);
  std::string command = undo;
  std::string advice = undo;
  // A way back would hurt where something else was excepted than what runs.
  if (hits) {
    command = fmt::format(
        "failgate rollback {} {} -m REASON", pair.name.second.text(), pair.name.first.text());
    advice = fmt::format("{}, or take the change back", command);
  }
  CandidateChoice choice;
  choice.nothing = wish->Nobody() + " may not change except: use " + advice;
  choice.refused = Refused{pair.state.running, *wish, choice.nothing, command};
  return choice;
}

CandidateChoice ChooseNamed(const Pair& pair, const ReleaseName& release, WishFinder& wishes) {
  if (IsSettled(pair, release)) {
    // Nothing is asked for, so it says nothing of releases; what else it changed may be refused.
    if (auto refused = RefusedExceptions(pair, wishes)) {
      return *refused;
    }
    return FailedInThisForm(pair, release)
               ? FailedHere(pair, release)
               : Nothing(fmt::format("{} runs as wanted", release.text()));
  }
  Candidate candidate{pair.name, release, pair.spec, std::nullopt, false};
  candidate.wish = wishes.Find(pair.situation.operations, pair.situation.main, pair.name);
  CandidateChoice choice;
  // The same release with another deploy file is a new deployment that nobody has to ask for again.
  const bool same_release = pair.state.running == release;
  if (candidate.wish && !same_release) {
    if (auto refused = RefusedWish(pair, release, *candidate.wish)) {
      choice.nothing = refused->why;
      choice.refused = std::move(refused);
      return choice;
    }
    const bool back =
        !pair.state.running.empty() && ReleaseNumber(release) < ReleaseNumber(pair.state.running);
    candidate.wish->rollback = candidate.wish->rollback || (candidate.wish->by_signature && back);
    candidate.rollback = candidate.wish->rollback;
  }
  choice.candidates.push_back(std::move(candidate));
  return choice;
}

/// After a person excepted what runs, under `newest`: back to what ran well before.
std::optional<Candidate> BackFromExcepted(const Pair& pair, WishFinder& wishes) {
  const auto running =
      pair.state.running.empty() ? std::nullopt : pair.situation.Record(pair.state.running);
  if (!running || !ExceptedBecause(pair.situation, pair.name, *running)) {
    return std::nullopt;
  }
  const auto wish = wishes.Find(pair.situation.operations, pair.situation.main, pair.name);
  // Whether a signer may was asked before (RefusedExceptions).
  const bool asked =
      wish && ((wish->by_api && wish->rollback) || (wish->by_signature && wish->changes_except));
  if (!asked) {
    return std::nullopt;
  }
  for (auto entry = pair.state.history.rbegin(); entry != pair.state.history.rend(); ++entry) {
    const auto record = pair.situation.Record(entry->release);
    if (entry->end == DeploymentEnd::kHealthy && record && entry->release != pair.state.running &&
        !ExceptedBecause(pair.situation, pair.name, *record)) {
      return Candidate{pair.name, entry->release, pair.spec, wish, true};
    }
  }
  return std::nullopt;
}

/// Newer releases that may run here, newest first.
std::vector<Candidate> NewerReleases(const Pair& pair) {
  std::vector<Candidate> candidates;
  const long floor = ReleaseNumber(pair.state.decided.release);
  const bool again = pair.state.decided.retry || pair.state.decided.removes;
  const long above = again ? floor - 1 : floor;
  const LogTree& log = pair.situation.log;
  for (const ReleaseName& release : log.NewestReleases(pair.name.second, above, kMaxLookedAt)) {
    if (candidates.size() >= kMaxJudged) {
      break;
    }
    const auto record = pair.situation.Record(release);
    if (record && !IsSettled(pair, release) && !WasRolledBack(pair, release) &&
        !ExceptedBecause(pair.situation, pair.name, *record)) {
      candidates.push_back(Candidate{pair.name, release, pair.spec, std::nullopt, false});
    }
  }
  return candidates;
}

std::string ReservedText(const Reservation& reservation) {
  if (!reservation.until) {
    return fmt::format("reserved: {} soaks for {}, whose files have problems: mend them",
                       reservation.release.text(),
                       reservation.by.text());
  }
  return fmt::format("reserved: {} soaks until {} for {}",
                     reservation.release.text(),
                     FormatTime(*reservation.until),
                     reservation.by.text());
}

CandidateChoice ChooseNewest(const Pair& pair, Automation automation, WishFinder& wishes) {
  CandidateChoice choice;
  const bool acts = automation == Automation::kActs;
  if (acts) {
    choice.candidates = NewerReleases(pair);
  }
  const auto reservation = choice.candidates.empty() || pair.state.decided.retry
                               ? std::nullopt
                               : ReservationOf(pair.situation, pair.name);
  if (reservation) {
    choice.candidates.clear();
    choice.reserved = true;
    choice.until = reservation->until;
  }
  if (auto back = BackFromExcepted(pair, wishes)) {
    choice.candidates.push_back(std::move(*back));
  } else if (acts && !pair.state.decided.release.empty() && pair.state.decided.spec != pair.spec &&
             !pair.state.decided.retry && !IsSettled(pair, pair.state.decided.release)) {
    choice.candidates.push_back(
        Candidate{pair.name, pair.state.decided.release, pair.spec, std::nullopt, false});
  }
  if (choice.candidates.empty()) {
    if (reservation) {
      choice.nothing = ReservedText(*reservation);
      return choice;
    }
    const auto releases = pair.situation.log.NewestReleases(pair.name.second, 0, 1);
    if (!releases.empty() && FailedInThisForm(pair, releases.front())) {
      return FailedHere(pair, releases.front());
    }
    choice.nothing =
        releases.empty() ? "there is no release yet" : "the newest release that may run here runs";
  }
  return choice;
}

/// `release: none`: only a person may ask for it.
CandidateChoice ChooseNone(const Pair& pair, WishFinder& wishes) {
  const bool gone = pair.state.running.empty() && pair.state.decided.release.empty();
  const std::string remove = fmt::format(
      "failgate remove {} {} -m REASON", pair.name.second.text(), pair.name.first.text());
  auto wish = wishes.Find(pair.situation.operations, pair.situation.main, pair.name);
  CandidateChoice choice;
  choice.nothing = "nothing is wanted here";
  if (gone || !wish) {
    return choice;
  }
  if (!wish->by_api) {
    choice.nothing =
        wish->by_signature
            ? "taking away what runs asks the role operator, which no signature gives: use " +
                  remove
            : wish->Nobody() + " may not take away what runs: use " + remove;
    choice.refused = Refused{pair.state.running, *wish, choice.nothing, remove};
    return choice;
  }
  if (pair.state.decided.removes && pair.state.decided.wanted == wish->commit.text()) {
    choice.nothing =
        fmt::format("it could not be taken away, {}: {} tries it again", pair.state.cause, remove);
    choice.command = remove;
    return choice;
  }
  choice.removal = std::move(wish);
  choice.nothing = "it is being taken away";
  return choice;
}

}  // namespace

CandidateChoice ChooseCandidates(const Situation& situation,
                                 const EnvironmentProject& name,
                                 Automation automation,
                                 WishFinder& wishes) {
  const ProjectDeployment& deployment = situation.DeploymentOf(name);
  const Pair pair{
      situation, name, situation.log.Environment(name.first, name.second), SpecDigest(deployment)};
  if (!pair.state.decided.release.empty() && !pair.state.decided.finished) {
    return Nothing(fmt::format("{} is being {}",
                               pair.state.decided.release.text(),
                               pair.state.decided.removes ? "taken away" : "deployed"));
  }
  const Desired* desired = situation.DesiredOf(name);
  const WantedRelease wanted = Wanted(situation.EnvironmentOf(name).floor.last_step, desired);
  switch (wanted.kind) {
    case WantedRelease::Kind::kNothing:
      return Nothing("nobody asked for a release here yet");
    case WantedRelease::Kind::kNone:
      return ChooseNone(pair, wishes);
    case WantedRelease::Kind::kNamed: {
      CandidateChoice choice = ChooseNamed(pair, wanted.release, wishes);
      const bool forward = !choice.candidates.empty() && !choice.candidates.front().rollback;
      if (automation == Automation::kHeld && forward) {
        return Nothing(fmt::format("{} is wanted", wanted.release.text()));
      }
      return choice;
    }
    case WantedRelease::Kind::kNewest:
      if (!pair.state.stopped.empty()) {
        return Nothing(pair.state.stopped);
      }
      if (auto refused = RefusedExceptions(pair, wishes)) {
        return *refused;
      }
      return ChooseNewest(pair, automation, wishes);
  }
  return {};
}

}  // namespace failgate
