#include "controller/deploylog/log_tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <unordered_map>

#include "controller/deploylog/deployment_ends.h"
#include "controller/deploylog/environment_files.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxRecordBytes = std::size_t{64} << 20U;

template <typename T>
T Need(Result<T> result, const std::string& path) {
  if (!result) {
    throw Error(Remedy::kNeedsChange, fmt::format("reading {}: {}", path, result.error().text));
  }
  return std::move(result).value();
}

std::string RecordFolder(const ProjectName& project) {
  return "releases/" + project.text();
}

/// "churn-42.json" -> 42; nullopt for what is no record of the project.
std::optional<long> NumberIn(const std::string& file, const ProjectName& project) {
  const auto parts = SplitReleaseName(file.substr(0, file.rfind('.')));
  return parts && parts->first == project ? std::optional<long>(parts->second) : std::nullopt;
}

/// Newest first.
std::vector<ReleaseName> NamesOf(const ProjectName& project, const std::set<long>& numbers) {
  std::vector<ReleaseName> names;
  for (auto number = numbers.rbegin(); number != numbers.rend(); ++number) {
    names.push_back(MakeReleaseName(project, *number));
  }
  return names;
}

}  // namespace

std::optional<std::string> LogTree::File(const std::string& path) const {
  const auto edited = overlay_.find(path);
  if (edited != overlay_.end()) {
    return edited->second;
  }
  return base_ ? repository_.ReadFile(*base_, path, kMaxRecordBytes) : std::nullopt;
}

const LogView* LogTree::KnownFor(const std::string& path) const {
  const bool same = known_ != nullptr && base_.has_value() && known_->head == base_;
  return same && overlay_.count(path) == 0 ? known_.get() : nullptr;
}

EnvironmentState LogTree::Environment(const EnvironmentName& environment,
                                      const ProjectName& project) const {
  return Known(environment, project);
}

const EnvironmentState& LogTree::Known(const EnvironmentName& environment,
                                       const ProjectName& project) const {
  const std::string path = EnvironmentPath(environment, project);
  if (const LogView* known = KnownFor(path)) {
    return known->Environment(environment, project);
  }
  const auto read = environments_.find(path);
  if (read != environments_.end()) {
    return read->second;
  }
  if (auto remembered = remembered_.extract(path)) {
    return environments_.insert(std::move(remembered)).position->second;
  }
  auto state = base_ ? ReadEnvironment(repository_, *base_, environment, project) : std::nullopt;
  return environments_[path] = std::move(state).value_or(EnvironmentState{});
}

ProjectState LogTree::Project(const ProjectName& project) const {
  const std::string path = ProjectPath(project);
  if (const LogView* known = KnownFor(path)) {
    return known->Project(project);
  }
  const auto text = File(path);
  return text ? Need(ReadProjectState(*text), path) : ProjectState{};
}

std::optional<ControllerState> LogTree::Controller() const {
  const auto text = File(kControllerPath);
  if (!text) {
    return std::nullopt;
  }
  return Need(ReadControllerState(*text), kControllerPath);
}

PeopleState LogTree::People() const {
  const auto text = File(kPeoplePath);
  return text ? Need(ReadPeopleState(*text), kPeoplePath) : PeopleState{};
}

std::optional<std::string> LogTree::Record(const ReleaseName& release) const {
  const auto parts = SplitReleaseName(release.text());
  return parts ? File(RecordPath(parts->first, release)) : std::nullopt;
}

std::vector<ReleaseName> LogTree::Releases(const ProjectName& project) const {
  std::set<long> numbers;
  if (base_) {
    for (const TreeEntry& entry : repository_.ListFolder(*base_, RecordFolder(project))) {
      if (const auto number = NumberIn(entry.name, project)) {
        numbers.insert(*number);
      }
    }
  }
  for (const ReleaseName& drafted : DraftedReleases(project)) {
    numbers.insert(SplitReleaseName(drafted.text())->second);
  }
  return NamesOf(project, numbers);
}

std::vector<ReleaseName> LogTree::NewestReleases(const ProjectName& project,
                                                 long above,
                                                 std::size_t limit) const {
  std::vector<ReleaseName> names;
  for (long number = Project(project).releases; number > above && names.size() < limit; --number) {
    ReleaseName name = MakeReleaseName(project, number);
    if (HasFile(RecordPath(project, name))) {
      names.push_back(std::move(name));
    }
  }
  return names;
}

std::vector<ReleaseName> LogTree::DraftedReleases(const ProjectName& project) const {
  std::set<long> numbers;
  const std::string folder = RecordFolder(project) + "/";
  for (auto entry = overlay_.lower_bound(folder);
       entry != overlay_.end() && entry->first.compare(0, folder.size(), folder) == 0;
       ++entry) {
    if (const auto number = NumberIn(entry->first.substr(folder.size()), project)) {
      numbers.insert(*number);
    }
  }
  return NamesOf(project, numbers);
}

std::optional<std::string> LogTree::CommittedRecord(const ReleaseName& release) const {
  const auto parts = SplitReleaseName(release.text());
  return parts && base_
             ? repository_.ReadFile(*base_, RecordPath(parts->first, release), kMaxRecordBytes)
             : std::nullopt;
}

void LogTree::ReadCommittedRecords(
    const ProjectName& project, const std::function<void(long, const std::string&)>& take) const {
  if (!base_) {
    return;
  }
  for (const TreeEntry& entry : repository_.ListFolder(*base_, RecordFolder(project))) {
    if (const auto number = NumberIn(entry.name, project)) {
      take(*number, repository_.ReadBlob(entry.id, kMaxRecordBytes));
    }
  }
}

bool LogTree::HasFile(const std::string& path) const {
  const auto edited = overlay_.find(path);
  return edited != overlay_.end() ? edited->second.has_value()
                                  : (base_ && repository_.BlobId(*base_, path).has_value());
}

void LogTree::PutEnvironment(const EnvironmentName& environment,
                             const ProjectName& project,
                             EnvironmentState state) {
  state.ends_inside = false;
  for (auto& file : ChangedEnds(Known(environment, project), state)) {
    const std::string path = EndsPath(environment, project, file.first);
    overlay_[path] = file.second;
    pending_[path] = std::move(file.second);
  }
  const std::string path = EnvironmentPath(environment, project);
  Put(path, WriteJson(state));
  environments_[path] = std::move(state);
}

std::string PathAbout(const Fact& fact) {
  if (!fact.environment.empty()) {
    return EnvironmentPath(fact.environment, fact.project);
  }
  if (!fact.project.empty()) {
    return ProjectPath(fact.project);
  }
  return fact.kind == FactKind::kTokenChanged ? kPeoplePath : kControllerPath;
}

void LogTree::Put(const std::string& path, std::string content) {
  overlay_[path] = content;
  pending_[path] = std::move(content);
}

std::vector<TreeEdit> LogTree::TakeEdits() {
  std::vector<TreeEdit> edits;
  edits.reserve(pending_.size());
  for (auto& entry : pending_) {
    edits.push_back(TreeEdit{entry.first, std::move(entry.second)});
  }
  pending_.clear();
  return edits;
}

}  // namespace failgate
