#include "tests/integration/data/data_world.h"

#include "controller/base/digest.h"
#include "controller/git/repository.h"

namespace failgate {

DataWorld::DataWorld() : git_(Made(folder_.path() / "git"), "churn") {
  data_ = Made(folder_.path() / "data");
  workspace_ = folder_.path() / "workspace";
  access_[SourceName("churn")].remote = [this] {
    RemoteConfig config;
    config.url = "file://" + git_.origin().string();
    config.home = folder_.path() / "git-home";
    return config;
  };
  Restart();
}

void DataWorld::Restart() {
  run_data_.reset();
  run_data_ =
      std::make_unique<RunData>(data_ / "data-objects", data_ / "mirrors", processes_, access_);
}

void DataWorld::Mirror(GitWorld& world, const std::string& source) {
  const auto mirror = data_ / "mirrors" / (source + ".git");
  RemoveTree(mirror);
  CreateFolders(mirror.parent_path());
  world.git().Run(data_, {"clone", "-q", "--mirror", world.origin().string(), mirror.string()});
}

void DataWorld::Export() {
  git_.Push();
  Mirror(git_, "churn");
  RemoveTree(workspace_);
  const Repository mirror = Repository::Open(data_ / "mirrors/churn.git");
  head_ = mirror.Ref("refs/heads/main").value();
  mirror.ExportTree(head_, workspace_);
}

Result<DataObjects> DataWorld::Place(std::vector<PlacedDataSource> sources) {
  DataOrder order;
  order.source = SourceName("churn");
  order.paths = paths_;
  order.workspace = workspace_;
  order.sources = std::move(sources);
  order.max_bytes = max_bytes_;
  return run_data_->Place(order, {});
}

void DataWorld::UseLfs(GitWorld& world) {
  world.git().Run(world.clone(), {"lfs", "install", "--local"});
  world.git().Run(world.clone(), {"lfs", "track", "*.bin"});
}

std::filesystem::path DataWorld::Made(const std::filesystem::path& folder) {
  CreateFolders(folder);
  return folder;
}

std::filesystem::path DataWorld::LfsObject(const GitWorld& world, const std::string& bytes) {
  const std::string sha256 = Sha256Hex(bytes);
  return world.origin() / "lfs/objects" / sha256.substr(0, 2) / sha256.substr(2, 2) / sha256;
}

std::vector<std::filesystem::path> DataWorld::Stored() const {
  std::vector<std::filesystem::path> objects;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(data_ / "data-objects/objects")) {
    if (entry.is_regular_file()) {
      objects.push_back(entry.path());
    }
  }
  return objects;
}

}  // namespace failgate
