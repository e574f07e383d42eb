#include "controller/deploylog/log_tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace failgate {
namespace {

constexpr std::size_t kMaxStateBytes = std::size_t{4} << 20U;
constexpr std::size_t kMaxRecordBytes = std::size_t{64} << 20U;

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

}  // namespace

std::optional<std::string> LogTree::File(const std::string& path) const {
  const auto edited = overlay_.find(path);
  if (edited != overlay_.end()) {
    return edited->second;
  }
  return base_ ? repository_.ReadFile(*base_, path, kMaxRecordBytes) : std::nullopt;
}

EnvironmentState LogTree::Environment(const EnvironmentName& environment,
                                      const ProjectName& project) const {
  const std::string path = EnvironmentPath(environment, project);
  const auto text = File(path);
  return text ? Need(ReadEnvironmentState(*text), path) : EnvironmentState{};
}

ProjectState LogTree::Project(const ProjectName& project) const {
  const std::string path = ProjectPath(project);
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

std::optional<std::string> LogTree::Record(const ReleaseName& release) const {
  const auto parts = SplitReleaseName(release.text());
  return parts ? File(RecordPath(parts->first, release)) : std::nullopt;
}

std::vector<ReleaseName> LogTree::Releases(const ProjectName& project) const {
  std::set<long> numbers;
  const auto take = [&](const std::string& file) {
    const std::string stem = file.substr(0, file.rfind('.'));
    const auto parts = SplitReleaseName(stem);
    if (parts && parts->first == project) {
      numbers.insert(parts->second);
    }
  };
  if (base_) {
    for (const TreeEntry& entry : repository_.ListFolder(*base_, "releases/" + project.text())) {
      take(entry.name);
    }
  }
  for (const auto& entry : overlay_) {
    const std::string folder = "releases/" + project.text() + "/";
    if (entry.first.compare(0, folder.size(), folder) == 0) {
      take(entry.first.substr(folder.size()));
    }
  }
  std::vector<ReleaseName> names;
  for (auto number = numbers.rbegin(); number != numbers.rend(); ++number) {
    names.push_back(MakeReleaseName(project, *number));
  }
  return names;
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

void LogViewReader::ReadFolder(const Repository& repository,
                               const CommitId& head,
                               const std::string& folder) {
  for (const TreeEntry& entry : repository.ListFolder(head, folder)) {
    const std::string path = folder + "/" + entry.name;
    const std::size_t stem = entry.name.rfind(".json");
    if (entry.kind != TreeEntryKind::kFile || stem == std::string::npos) {
      continue;
    }
    ObjectId& seen = seen_[path];
    if (seen == entry.id) {
      continue;
    }
    const std::string text = repository.ReadBlob(entry.id, kMaxStateBytes);
    const ProjectName project(entry.name.substr(0, stem));
    if (folder == "projects") {
      view_.projects[project] = Need(ReadProjectState(text), path);
    } else {
      view_.environments[{EnvironmentName(folder), project}] =
          Need(ReadEnvironmentState(text), path);
    }
    seen = entry.id;
  }
}

const LogView& LogViewReader::Read(const Repository& repository,
                                   const std::optional<CommitId>& head) {
  if (head == view_.head) {
    return view_;
  }
  if (!head) {
    view_ = {};
    seen_.clear();
    return view_;
  }
  for (const TreeEntry& entry : repository.ListFolder(*head, "")) {
    if (entry.kind == TreeEntryKind::kFolder &&
        (entry.name == "projects" || !IsRoomOfTheLog(entry.name))) {
      ReadFolder(repository, *head, entry.name);
    } else if (entry.name == kControllerPath) {
      view_.controller =
          Need(ReadControllerState(repository.ReadBlob(entry.id, kMaxStateBytes)), kControllerPath);
    }
  }
  view_.head = head;
  return view_;
}

}  // namespace failgate
