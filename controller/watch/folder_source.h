// Objects of a watch that are files of a folder of this machine.
#pragma once

#include <filesystem>

#include "controller/base/durable_file.h"
#include "controller/watch/object_source.h"

namespace failgate {

/// Links are left out. Lists asks the kernel to tell of each folder that it passes.
class FolderSource final : public ObjectSource {
 public:
  /// The last two must outlive it.
  FolderSource(std::filesystem::path folder, WatchedBytes& data, FolderNotices& notices);

  void Begin(const std::stop_token& stop) override;
  void List(const Wanted& wanted, const Use& use) override;
  [[nodiscard]] std::optional<std::vector<std::string>> NamesIn(const std::string& folder) override;
  [[nodiscard]] std::optional<ObjectStatus> Look(const std::string& path) override;
  [[nodiscard]] std::optional<std::string> Read(const std::string& path, std::size_t most) override;
  [[nodiscard]] Result<WatchedBytes::Taken> Take(const std::string& path,
                                                 const ObjectStatus& expected,
                                                 const std::stop_token& stop,
                                                 const WatchedBytes::Progress& progress) override;
  [[nodiscard]] std::string Trouble() const override { return trouble_; }

 private:
  void ListFolder(const std::string& folder, const Wanted& wanted, const Use& use);

  const std::filesystem::path folder_;
  WatchedBytes& data_;
  FolderNotices& notices_;
  FileDescriptor root_;
  std::string trouble_;
};

}  // namespace failgate
