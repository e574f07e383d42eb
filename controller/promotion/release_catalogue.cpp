#include "controller/promotion/release_catalogue.h"

#include <algorithm>
#include <set>
#include <vector>

namespace failgate {
namespace {

/// Two that are of one run, or the same release, have one of these in common.
std::vector<std::size_t> HashesOf(const ReleaseRecord& record) {
  const std::hash<std::string> hash;
  return {hash("run " + record.run.text()),
          hash("made of " + record.revision.text() + " " + record.data)};
}

bool IsSame(const LogTree& tree, const ReleaseName& name, const ReleaseRecord& record) {
  const auto known = ParseReleaseRecord(tree.Record(name).value_or(""));
  return known && (known->run == record.run || SameRelease(*known, record));
}

}  // namespace

void ReleaseCatalogue::Learn(Releases& releases, long number, const std::string& json) {
  releases.newest = std::max(releases.newest, number);
  if (const auto record = ParseReleaseRecord(json)) {
    for (const std::size_t hash : HashesOf(*record)) {
      releases.alike.emplace(hash, number);
    }
  }
}

bool ReleaseCatalogue::MayBeSame(Drafted& drafted,
                                 std::string json,
                                 const std::vector<std::size_t>& hashes) {
  if (drafted.json != json) {
    const auto record = ParseReleaseRecord(json);
    drafted.hashes = record ? HashesOf(*record) : std::vector<std::size_t>();
    drafted.json = std::move(json);
  }
  return std::any_of(drafted.hashes.begin(), drafted.hashes.end(), [&](std::size_t hash) {
    return std::find(hashes.begin(), hashes.end(), hash) != hashes.end();
  });
}

ReleaseCatalogue::Releases& ReleaseCatalogue::Refresh(const LogTree& tree,
                                                      const ProjectName& project) {
  Releases& releases = projects_[project];
  if (!releases.read) {
    releases.newest = 0;
    releases.alike.clear();
    tree.ReadCommittedRecords(
        project, [&](long number, const std::string& json) { Learn(releases, number, json); });
    releases.read = true;
    releases.at = tree.base();
  }
  // The project's state is small; the folder of its releases need not be.
  const bool told = releases.newest > 0 && tree.Project(project).releases == releases.newest;
  if (told || releases.at == tree.base()) {
    releases.at = tree.base();
    return releases;
  }
  // Numbers are given one after another.
  for (auto json = tree.CommittedRecord(MakeReleaseName(project, releases.newest + 1)); json;
       json = tree.CommittedRecord(MakeReleaseName(project, releases.newest + 1))) {
    Learn(releases, releases.newest + 1, *json);
  }
  releases.at = tree.base();
  return releases;
}

std::optional<ReleaseName> ReleaseCatalogue::FindSame(const LogTree& tree,
                                                      const ReleaseRecord& record) {
  const std::vector<ReleaseName> drafted = tree.DraftedReleases(record.project);
  const std::vector<std::size_t> hashes = HashesOf(record);
  if (drafted_on_ != tree.base()) {
    drafted_.clear();
    drafted_on_ = tree.base();
  }
  const auto same = std::find_if(drafted.begin(), drafted.end(), [&](const ReleaseName& name) {
    return MayBeSame(drafted_[name], tree.Record(name).value_or(""), hashes) &&
           IsSame(tree, name, record);
  });
  if (same != drafted.end()) {
    return *same;
  }
  const Releases& releases = Refresh(tree, record.project);
  std::set<long, std::greater<>> numbers;
  for (const std::size_t hash : hashes) {
    const auto [begin, end] = releases.alike.equal_range(hash);
    for (auto known = begin; known != end; ++known) {
      numbers.insert(known->second);
    }
  }
  for (const long number : numbers) {
    const ReleaseName name = MakeReleaseName(record.project, number);
    if (IsSame(tree, name, record)) {
      return name;
    }
  }
  return std::nullopt;
}

ReleaseName ReleaseCatalogue::Newest(const LogTree& tree, const ProjectName& project) {
  const std::vector<ReleaseName> drafted = tree.DraftedReleases(project);
  if (!drafted.empty()) {
    return drafted.front();
  }
  const long newest = Refresh(tree, project).newest;
  return newest == 0 ? ReleaseName() : MakeReleaseName(project, newest);
}

}  // namespace failgate
