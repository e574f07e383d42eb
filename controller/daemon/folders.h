// Where things lie below the data directory.
#pragma once

#include <filesystem>

namespace failgate {

/// Paths only; MakeFolders makes them.
struct Folders {
  std::filesystem::path data;
  [[nodiscard]] std::filesystem::path database() const { return data / "failgate.db"; }
  [[nodiscard]] std::filesystem::path deliveries() const { return data / "deliveries"; }
  [[nodiscard]] std::filesystem::path mirrors() const { return data / "mirrors"; }
  [[nodiscard]] std::filesystem::path operations() const { return data / "operations.git"; }
  [[nodiscard]] std::filesystem::path artifacts() const { return data / "artifacts"; }
  [[nodiscard]] std::filesystem::path watched_data() const { return data / "watched"; }
  [[nodiscard]] std::filesystem::path data_objects() const { return data / "data-objects"; }
  [[nodiscard]] std::filesystem::path workspaces() const { return data / "workspaces"; }
  [[nodiscard]] std::filesystem::path logs() const { return data / "logs"; }
  [[nodiscard]] std::filesystem::path git_home() const { return data / "git-home"; }
};

/// Private folders 0700; the data directory and the workspaces 0711, because steps of a root
/// controller run as users of their own and must reach their workspace (and nothing else).
void MakeFolders(const Folders& folders);

}  // namespace failgate
