// Bytes of artifacts by their SHA-256, on this machine's disk. Written once, verified on every
// read.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/artifacts/artifact_record.h"
#include "controller/artifacts/materialised_file.h"
#include "controller/base/result.h"

namespace failgate {

class ContentsTally;
class StagedObject;

/// What Put stored.
struct StoredArtifact {
  ArtifactBytes bytes;
  long long size = 0;     ///< of the stored bytes
  std::string base_name;  ///< last part of the path it was taken from
  ArtifactContents contents = {};
  bool operator==(const StoredArtifact&) const = default;
};

/// Layout: objects/AB/REST, tmp/. One process owns the folder (the data lock); methods may be
/// called from several threads. Every failure of the disk throws Error and leaves no half object.
class ArtifactStore {
 public:
  struct Limits {
    long long max_bytes = std::int64_t{20} << 30U;  ///< of one artifact before packing
    long long max_entries = 200000;                 ///< of one folder
  };
  /// Makes the folder if it is absent and removes what an interrupted Put left.
  explicit ArtifactStore(std::filesystem::path root);
  ArtifactStore(std::filesystem::path root, Limits limits);

  /// Stores the file or folder at `relative` below `workspace`; the same bytes again are a success.
  /// No part of the path may be a link: the workspace belongs to a step. Refused (never stored): a
  /// path that is absent or unsafe, links that leave the folder, special files, names that are no
  /// safe path, an empty folder, sizes over the limits, a git-lfs pointer or .dvc file in place of
  /// the data, a file that changes while it is read.
  [[nodiscard]] Result<StoredArtifact> Put(const std::filesystem::path& workspace,
                                           const std::string& relative);

  /// Cheap: the object exists; its bytes are not read.
  [[nodiscard]] bool Has(std::string_view sha256) const;
  /// Size of the stored bytes; throws as Verify when it is absent.
  [[nodiscard]] long long Size(std::string_view sha256) const;
  /// Reads all bytes; throws Error(kNeedsChange) that names the digest when they are absent or
  /// differ.
  void Verify(std::string_view sha256) const;

  enum class Durability {
    kCached,  ///< workspaces: the kernel may write it later
    kSynced,  ///< targets: on the disk when the call returns
  };
  /// Writes the artifact so that `destination` is the file, or the folder with its content. Parents
  /// are made. A file in the way is replaced whole; a folder or link in the way is refused by
  /// Error. The bytes are verified before `destination` appears; a mismatch throws as Verify and
  /// leaves nothing.
  std::vector<MaterialisedFile> Materialise(const ArtifactBytes& artifact,
                                            const std::filesystem::path& destination,
                                            Durability durability) const;

  [[nodiscard]] const std::filesystem::path& root() const { return root_; }

 private:
  [[nodiscard]] std::filesystem::path ObjectPath(std::string_view sha256) const;
  [[nodiscard]] std::optional<Refusal> PutFile(int source,
                                               const std::string& relative,
                                               StagedObject& staged,
                                               ContentsTally& tally) const;
  [[nodiscard]] std::optional<Refusal> PutFolder(int source,
                                                 const std::string& relative,
                                                 StagedObject& staged,
                                                 ContentsTally& tally) const;
  static MaterialisedFile CopyOut(int object,
                                  const ArtifactBytes& artifact,
                                  const std::filesystem::path& path,
                                  bool synced);

  std::filesystem::path root_;
  Limits limits_;
};

}  // namespace failgate
