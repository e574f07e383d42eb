#include "controller/sync/source_sync.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "controller/base/error.h"
#include "controller/base/fail_point.h"
#include "controller/base/log.h"
#include "controller/git/maintenance.h"
#include "controller/sync/remote_settings.h"

namespace failgate {
namespace {

constexpr const char* kBranches = "refs/heads/*";
/// A source that is new here may have years of old branches: more of them than this are noted, and
/// checked when they move.
constexpr std::size_t kMaxBranchesAtFirst = 20;
constexpr std::size_t kMaxDeliveriesOfARun = 100;

bool SameHeads(const std::vector<RemoteRef>& there, const std::vector<RefEntry>& here) {
  std::map<std::string, std::string> remote;
  for (const RemoteRef& ref : there) {
    if (IsValidRefName(ref.name)) {
      remote[ref.name] = ref.id.text();
    }
  }
  return remote.size() == here.size() &&
         std::all_of(here.begin(), here.end(), [&](const RefEntry& head) {
           const auto found = remote.find(head.name);
           return found != remote.end() && found->second == head.commit.text();
         });
}

bool IsMainBranch(const std::string& ref) {
  return ref == "refs/heads/main" || ref == "refs/heads/master";
}

std::vector<std::string> DeliveriesFor(const AskedBranches& asked, const std::string& ref) {
  std::vector<std::string> deliveries;
  for (const std::string& key : {ref, std::string()}) {
    const auto found = asked.find(key);
    if (found != asked.end()) {
      deliveries.insert(deliveries.end(), found->second.begin(), found->second.end());
    }
  }
  if (deliveries.size() > kMaxDeliveriesOfARun) {
    deliveries.erase(deliveries.begin(),
                     deliveries.end() - static_cast<std::ptrdiff_t>(kMaxDeliveriesOfARun));
  }
  return deliveries;
}

}  // namespace

SourceSync::SourceSync(Parts parts, SyncDeadlines deadlines)
    : parts_(std::move(parts)), deadlines_(deadlines) {}

SourceMirror SourceSync::MirrorOf(const SourceName& source) const {
  return {parts_.mirrors, source, parts_.clock};
}

bool SourceSync::MirrorIsIntact(const SourceName& source) const {
  return MirrorOf(source).IsIntact(parts_.processes, deadlines_.check);
}

RemoteConfig SourceSync::ConfigOf(const SourceSettings& source) const {
  return MakeRemoteConfig(source.url,
                          source.credentials,
                          source.ca,
                          parts_.git_home / source.name.text(),
                          parts_.environment);
}

void SourceSync::Fetch(const Remote& remote, SourceMirror& mirror) const {
  mirror.Prepare();
  mirror.Fetch(remote, deadlines_.fetch);
}

SyncPass SourceSync::Look(const SourceSettings& source,
                          const AskedBranches& asked,
                          std::stop_token stop) {
  const Remote remote(parts_.processes, ConfigOf(source), stop);
  SourceMirror mirror = MirrorOf(source.name);
  mirror.Prepare();
  const std::vector<RemoteRef> there = remote.List({kBranches}, deadlines_.list);
  try {
    if (SameHeads(there, mirror.Heads())) {
      return PlanHeads(source, mirror, asked);
    }
    Fetch(remote, mirror);
    FailPoint("fetched");
    SyncPass pass = PlanHeads(source, mirror, asked);
    KeepRepositorySmall(parts_.processes, mirror.path());
    return pass;
  } catch (const Error& error) {
    // The remote answers, so what failed may be the mirror; it is judged before it is replaced.
    if (stop.stop_requested() ||
        (mirror.HeadsAreReadable() && mirror.IsIntact(parts_.processes, deadlines_.check))) {
      throw;
    }
    log::Error("a mirror is broken and is fetched anew",
               {{"source", source.name.text()}, {"error", error.what()}});
  }
  mirror.SetAside();
  Fetch(remote, mirror);
  return PlanHeads(source, mirror, asked);
}

SyncPass SourceSync::PlanHeads(const SourceSettings& source,
                               const SourceMirror& mirror,
                               const AskedBranches& asked) {
  if (source.kind == SourceKind::kData) {
    return PlanDataHeads(source, mirror, asked);
  }
  SyncPass pass;
  const Repository repository = mirror.Open();
  std::vector<RefEntry> heads = mirror.Heads();
  // The release branch first: a crowd of others must not keep it waiting.
  std::stable_partition(
      heads.begin(), heads.end(), [](const RefEntry& head) { return IsMainBranch(head.name); });
  const bool note_only =
      !parts_.heads.KnowsSource(source.name) && heads.size() > kMaxBranchesAtFirst;
  for (const RefEntry& head : heads) {
    pass.heads[head.name] = head.commit;
    if (parts_.heads.Get(source.name, head.name) == head.commit) {
      continue;
    }
    if (note_only && !IsMainBranch(head.name)) {
      parts_.planner.Note(source, head);
      continue;
    }
    pass.moved[head.name] =
        parts_.planner.Plan(source, repository, head, DeliveriesFor(asked, head.name));
  }
  ForgetGoneHeads(source, pass);
  // Data that came while this was planned.
  const bool caught_up = parts_.data_planner.CatchUp(source, {}).queued;
  const bool triggered = parts_.triggers.Plan(source, repository, heads);
  pass.queued = caught_up || triggered ||
                std::any_of(pass.moved.begin(), pass.moved.end(), [](const auto& entry) {
                  return entry.second.queued;
                });
  return pass;
}

SyncPass SourceSync::PlanDataHeads(const SourceSettings& source,
                                   const SourceMirror& mirror,
                                   const AskedBranches& asked) {
  SyncPass pass;
  const std::string ref = "refs/heads/" + source.branch;
  bool moved = false;
  for (const RefEntry& head : mirror.Heads()) {
    pass.heads[head.name] = head.commit;
    if (parts_.heads.Get(source.name, head.name) == head.commit) {
      continue;
    }
    // First: whoever plans a run from now on names this data, and a crash is made up for below at
    // the next look.
    parts_.planner.Note(source, head);
    if (head.name == ref) {
      moved = true;
      continue;
    }
    pass.moved[head.name].ignored_because =
        fmt::format("of a source of kind data only branch {} counts", source.branch);
  }
  ForgetGoneHeads(source, pass);
  const DataPlanner::Outcome outcome =
      parts_.data_planner.CatchUp(source, DeliveriesFor(asked, ref));
  pass.queued = outcome.queued;
  if (moved || outcome.queued) {
    BranchOutcome& branch = pass.moved[ref];
    branch.queued = outcome.queued;
    branch.ignored_because = outcome.ignored_because;
    if (!outcome.runs.empty()) {
      branch.run = outcome.runs.front();
      branch.more.assign(outcome.runs.begin() + 1, outcome.runs.end());
      branch.ignored_because.clear();
    }
  }
  return pass;
}

void SourceSync::ForgetGoneHeads(const SourceSettings& source, const SyncPass& pass) {
  for (const Head& known : parts_.heads.All(source.name)) {
    if (pass.heads.count(known.ref) == 0) {
      parts_.heads.Delete(source.name, known.ref);
    }
  }
}

}  // namespace failgate
