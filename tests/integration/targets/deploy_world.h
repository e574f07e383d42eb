// A root to deploy into, stored artifacts, and releases of them.
#pragma once

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "controller/artifacts/artifact_store.h"
#include "controller/base/digest.h"
#include "controller/base/durable_file.h"
#include "controller/targets/versioned_directory.h"

namespace failgate {

/// Runs nothing; for targets whose health checks are no commands. Fake.
class NoRunner final : public StepRunner {
 public:
  [[nodiscard]] ProbeResult Probe() override { return {}; }
  [[nodiscard]] StepOutcome Run(const StepCommand& command, std::stop_token stop) override {
    static_cast<void>(command);
    static_cast<void>(stop);
    return {};
  }
  bool KillSurvivor(const ProcessIdentity& identity) override {
    static_cast<void>(identity);
    return false;
  }
  [[nodiscard]] std::filesystem::path InsideWorkspace(
      const std::filesystem::path& workspace) const override {
    return workspace;
  }
  [[nodiscard]] std::filesystem::path InsideBind(const ReadOnlyBind& bind) const override {
    return bind.host;
  }
};

/// Everything lies below one folder, so that another process can open the same world.
class DeployWorld {
 public:
  explicit DeployWorld(std::filesystem::path folder)
      : folder_(std::move(folder)), store_((CreateFolders(folder_), folder_ / "artifacts")) {
    CreateFolders(root());
  }
  [[nodiscard]] std::filesystem::path root() const { return folder_ / "srv"; }
  [[nodiscard]] std::filesystem::path path() const { return root() / "churn" / "model"; }
  [[nodiscard]] std::filesystem::path pair() const { return root() / ".failgate/churn/prod"; }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
  [[nodiscard]] ArtifactStore& store() { return store_; }
  [[nodiscard]] VersionedDirectory Target(StepRunner& runner) {
    return VersionedDirectory(store_, runner, {{root()}, folder_ / "workspaces", {}});
  }

  [[nodiscard]] ArtifactRecord AddFile(const std::string& name, const std::string& bytes) {
    const std::filesystem::path source = folder_ / "source";
    CreateFolders(source);
    const std::string base = name + ".bin";
    WriteFileDurably(source / base, bytes);
    return Record(name, *store_.Put(source, base));
  }
  /// a/one, a program b/run, and a link b/one.
  [[nodiscard]] ArtifactRecord AddFolder(const std::string& name, const std::string& bytes) {
    const std::filesystem::path source = folder_ / "source";
    RemoveTree(source / "tree");
    CreateFolders(source / "tree/a");
    CreateFolders(source / "tree/b");
    WriteFileDurably(source / "tree/a/one", bytes);
    WriteFileDurably(source / "tree/b/run", "run " + bytes, 0755);
    std::filesystem::create_symlink("../a/one", source / "tree/b/one");
    return Record(name, *store_.Put(source, "tree"));
  }
  /// One step that deploys a file and a folder to path().
  [[nodiscard]] Deployable Release(const std::string& name, const std::string& bytes) {
    Deployable deployable;
    deployable.release = ReleaseName(name);
    deployable.spec = "sha256:" + Sha256Hex("spec");
    deployable.artifacts = {AddFile("model", bytes), AddFolder("tree", bytes)};
    deployable.steps = {DeployStep{"model", {path().string(), {"model", "tree"}}, std::nullopt}};
    return deployable;
  }
  [[nodiscard]] static TargetStep Step(const Deployable& deployable, std::size_t index = 0) {
    return {EnvironmentName("prod"), ProjectName("churn"), &deployable, &deployable.steps[index]};
  }

 private:
  static ArtifactRecord Record(const std::string& name, const StoredArtifact& stored) {
    ArtifactRecord record;
    record.name = name;
    record.kind = stored.bytes.kind;
    record.executable = stored.bytes.executable;
    record.sha256 = stored.bytes.sha256;
    record.size = stored.size;
    record.base_name = stored.base_name;
    return record;
  }

  std::filesystem::path folder_;
  ArtifactStore store_;
};

}  // namespace failgate
