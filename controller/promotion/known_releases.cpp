#include "controller/promotion/known_releases.h"

#include <utility>

namespace failgate {
namespace {

std::optional<ReleaseRecord> Essence(const LogTree& tree, const ReleaseName& name) {
  auto parsed = ParseReleaseRecord(tree.Record(name).value_or(""));
  if (!parsed) {
    return std::nullopt;
  }
  ReleaseRecord essence;
  essence.project = std::move(parsed->project);
  essence.source = std::move(parsed->source);
  essence.revision = std::move(parsed->revision);
  essence.data = std::move(parsed->data);
  essence.artifacts = std::move(parsed->artifacts);
  essence.run = std::move(parsed->run);
  return essence;
}

bool Gave(const std::optional<ReleaseRecord>& known, const ReleaseRecord& record) {
  return known && (known->run == record.run ||
                   (known->revision == record.revision && SameRelease(*known, record)));
}

}  // namespace

// By blob: a name may come to stand for another record when a person accepts another history.
void KnownReleases::ReadWritten(const LogTree& tree, const ProjectName& project) {
  const auto head = log_.LogHead();
  std::map<ReleaseName, Known> former = std::exchange(written_[project], {});
  if (!head) {
    return;
  }
  for (const TreeEntry& entry : log_.repository().ListFolder(*head, "releases/" + project.text())) {
    const std::string stem = entry.name.substr(0, entry.name.rfind('.'));
    if (!SplitReleaseName(stem)) {
      continue;
    }
    const ReleaseName name(stem);
    const auto known = former.find(name);
    const bool same = known != former.end() && known->second.blob == entry.id;
    written_[project][name] =
        same ? std::move(known->second) : Known{entry.id, Essence(tree, name)};
  }
}

std::optional<ReleaseName> KnownReleases::Find(const LogTree& tree, const ReleaseRecord& record) {
  ReadWritten(tree, record.project);
  const std::map<ReleaseName, Known>& written = written_[record.project];
  for (const ReleaseName& name : tree.Releases(record.project)) {
    const auto known = written.find(name);
    if (Gave(known == written.end() ? Essence(tree, name) : known->second.record, record)) {
      return name;
    }
  }
  return std::nullopt;
}

}  // namespace failgate
