#include "controller/deploylog/log_view.h"

#include <fmt/format.h>

#include <string>

namespace failgate {
namespace {

constexpr std::size_t kMaxStateBytes = std::size_t{4} << 20U;

template <typename T>
T Need(Result<T> result, const std::string& path) {
  if (!result) {
    throw Error(Remedy::kNeedsChange, fmt::format("reading {}: {}", path, result.error().text));
  }
  return std::move(result).value();
}

bool IsRoomOfTheLog(const std::string& folder) {
  return folder == "releases" || folder == "decisions" || folder == "projects";
}

/// Adds the file of `entry` to `states`: as before, or read when its blob is another one.
template <typename Key, typename State, typename Parse>
void ReadState(const Repository& repository,
               const TreeEntry& entry,
               const std::string& path,
               const Key& key,
               const std::map<Key, StateFile<State>>& before,
               const Parse& parse,
               std::map<Key, StateFile<State>>& states) {
  const auto known = before.find(key);
  if (known != before.end() && known->second.blob == entry.id) {
    states.emplace_hint(states.end(), *known);
    return;
  }
  auto state = std::make_shared<const State>(
      Need(parse(repository.ReadBlob(entry.id, kMaxStateBytes)), path));
  states.emplace_hint(states.end(), key, StateFile<State>{entry.id, std::move(state)});
}

void ReadFolder(const Repository& repository,
                const CommitId& head,
                const std::string& folder,
                const LogView& before,
                LogView& view) {
  for (const TreeEntry& entry : repository.ListFolder(head, folder)) {
    const std::string path = folder + "/" + entry.name;
    const std::size_t stem = entry.name.rfind(".json");
    if (entry.kind != TreeEntryKind::kFile || stem == std::string::npos) {
      continue;
    }
    const ProjectName project(entry.name.substr(0, stem));
    if (folder == "projects") {
      ReadState(repository, entry, path, project, before.projects, ReadProjectState, view.projects);
    } else {
      ReadState(repository,
                entry,
                path,
                std::make_pair(EnvironmentName(folder), project),
                before.environments,
                ReadEnvironmentState,
                view.environments);
    }
  }
}

}  // namespace

std::shared_ptr<const LogView> LogViewReader::Read(const Repository& repository,
                                                   const std::optional<CommitId>& head) {
  if (head == view_->head) {
    return view_;
  }
  auto view = std::make_shared<LogView>();
  view->head = head;
  const auto entries = head ? repository.ListFolder(*head, "") : std::vector<TreeEntry>();
  for (const TreeEntry& entry : entries) {
    if (entry.kind == TreeEntryKind::kFolder &&
        (entry.name == "projects" || !IsRoomOfTheLog(entry.name))) {
      ReadFolder(repository, *head, entry.name, *view_, *view);
    } else if (entry.name == kControllerPath) {
      view->controller =
          Need(ReadControllerState(repository.ReadBlob(entry.id, kMaxStateBytes)), kControllerPath);
    }
  }
  view_ = std::move(view);
  return view_;
}

const EnvironmentState& LogView::Environment(const EnvironmentName& environment,
                                             const ProjectName& project) const {
  static const EnvironmentState kNothing;
  const auto found = environments.find({environment, project});
  return found == environments.end() ? kNothing : *found->second.state;
}

const ProjectState& LogView::Project(const ProjectName& project) const {
  static const ProjectState kNothing;
  const auto found = projects.find(project);
  return found == projects.end() ? kNothing : *found->second.state;
}

ObjectId LogView::BlobOf(const EnvironmentName& environment, const ProjectName& project) const {
  const auto found = environments.find({environment, project});
  return found == environments.end() ? ObjectId() : found->second.blob;
}

ObjectId LogView::BlobOf(const ProjectName& project) const {
  const auto found = projects.find(project);
  return found == projects.end() ? ObjectId() : found->second.blob;
}

}  // namespace failgate
