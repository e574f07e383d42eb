#include "controller/deploylog/log_view.h"

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "controller/deploylog/deployment_ends.h"
#include "controller/deploylog/environment_files.h"

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

using Pair = std::pair<EnvironmentName, ProjectName>;

/// Reads the states of one folder: as before, or anew where the files are others.
class FolderReader {
 public:
  FolderReader(const Repository& repository, const CommitId& head, const LogView& before)
      : repository_(repository), head_(head), before_(before) {}

  void Read(const std::string& folder, LogView& view) const {
    const std::vector<TreeEntry> entries = repository_.ListFolder(head_, folder);
    std::unordered_map<std::string_view, const ObjectId*> folders;
    for (const TreeEntry& entry : entries) {
      if (entry.kind == TreeEntryKind::kFolder) {
        folders[entry.name] = &entry.id;
      }
    }
    for (const TreeEntry& entry : entries) {
      const std::string path = folder + "/" + entry.name;
      const std::size_t stem = entry.name.rfind(".json");
      if (entry.kind != TreeEntryKind::kFile || stem == std::string::npos) {
        continue;
      }
      const ProjectName project(entry.name.substr(0, stem));
      if (folder == "projects") {
        view.projects.insert_or_assign(project, ReadProject(entry, path, project));
      } else {
        const auto ends = folders.find(EndsFolderName(project));
        const Pair pair{EnvironmentName(folder), project};
        view.environments.insert_or_assign(
            pair, ReadPair(entry, path, pair, ends == folders.end() ? ObjectId() : *ends->second));
      }
    }
  }

 private:
  [[nodiscard]] StateFile<ProjectState> ReadProject(const TreeEntry& entry,
                                                    const std::string& path,
                                                    const ProjectName& project) const {
    const auto known = before_.projects.find(project);
    if (known != before_.projects.end() && known->second.blob == entry.id) {
      return known->second;
    }
    const std::string text = repository_.ReadBlob(entry.id, kMaxStateBytes);
    return {entry.id, std::make_shared<const ProjectState>(Need(ReadProjectState(text), path))};
  }

  [[nodiscard]] StateFile<EnvironmentState> ReadPair(const TreeEntry& entry,
                                                     const std::string& path,
                                                     const Pair& pair,
                                                     const ObjectId& ends) const {
    const auto known = before_.environments.find(pair);
    const bool same_ends = known != before_.environments.end() && known->second.ends == ends;
    if (same_ends && known->second.blob == entry.id) {
      return known->second;
    }
    const std::string text = repository_.ReadBlob(entry.id, kMaxStateBytes);
    EnvironmentState state = Need(ReadEnvironmentState(text), path);
    if (!state.ends_inside) {
      state.history = same_ends && !known->second.state->ends_inside
                          ? known->second.state->history
                          : ReadEndsBeside(repository_, head_, pair.first, pair.second);
    }
    return {entry.id, std::make_shared<const EnvironmentState>(std::move(state)), ends};
  }

  const Repository& repository_;
  const CommitId& head_;
  const LogView& before_;
};

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
      FolderReader(repository, *head, *view_).Read(entry.name, *view);
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
