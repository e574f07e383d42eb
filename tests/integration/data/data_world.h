// A source, its mirror and a workspace: the small world of the tests of data.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "controller/base/durable_file.h"
#include "controller/data/run_data.h"
#include "tests/support/git_world.h"

namespace failgate {

class DataWorld : public ::testing::Test {
 protected:
  DataWorld();
  /// A new life of the program on the same store.
  void Restart();
  /// Clones the origin of `world` as the mirror of its source, and exports the head into a fresh
  /// workspace.
  void Export();
  void Mirror(GitWorld& world, const std::string& source);
  /// Of the last Export.
  Result<DataObjects> Place(std::vector<PlacedDataSource> sources = {});
  [[nodiscard]] std::string InWorkspace(const std::string& path) const {
    return ReadFile(workspace_ / path);
  }
  /// Tracks *.bin by git-lfs in the clone of `world`.
  static void UseLfs(GitWorld& world);
  static std::filesystem::path Made(const std::filesystem::path& folder);
  /// Where the origin keeps an object of git-lfs.
  static std::filesystem::path LfsObject(const GitWorld& world, const std::string& bytes);
  /// Every object of the store.
  [[nodiscard]] std::vector<std::filesystem::path> Stored() const;

  TemporaryFolder folder_;
  GitWorld git_;
  std::filesystem::path data_;
  std::filesystem::path workspace_;
  std::map<SourceName, DataAccess> access_;
  std::vector<std::string> paths_{"**"};
  std::uint64_t max_bytes_ = 1U << 30U;
  ProcessRunner processes_;
  std::unique_ptr<RunData> run_data_;
  CommitId head_;
};

}  // namespace failgate
