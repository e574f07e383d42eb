// Bytes that git names and keeps elsewhere, by their SHA-256, on this machine's disk: brought once,
// verified each time they are used.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "controller/artifacts/artifact_store.h"
#include "controller/base/result.h"

namespace failgate {

/// What an object is called where it is kept.
struct DataName {
  enum class Kind {
    kSha256,     ///< git-lfs
    kMd5,        ///< DVC 3
    kFormerMd5,  ///< DVC 2: text may have been hashed with LF line ends
  };
  Kind kind = Kind::kSha256;
  std::string hex;
  auto operator<=>(const DataName&) const = default;
};

/// "sha256:…" or "md5:…".
[[nodiscard]] std::string ToText(const DataName& name);

/// Layout: objects/AB/REST, names/KIND/AB/REST (the SHA-256 of an object by another name), tmp/.
/// One process owns the folder (the data lock); methods may be called from several threads. What is
/// gone is brought again. Failures of the disk throw Error.
class DataStore {
 public:
  /// Makes the folder if it is absent and removes what an interrupted Bring left.
  explicit DataStore(std::filesystem::path root);

  /// SHA-256 of the object when it is here; its bytes are not read.
  [[nodiscard]] std::optional<std::string> Find(const DataName& name) const;
  /// Copies the file and answers its SHA-256. Refused: data_absent (there is no such file),
  /// data_damaged (its bytes have another digest or another size than `size`); then nothing is
  /// kept.
  [[nodiscard]] Result<std::string> Bring(const DataName& name,
                                          std::optional<long long> size,
                                          const std::filesystem::path& file);
  /// Writes the verified bytes to `destination`, replacing a file. False: the object was damaged or
  /// gone, and is removed.
  [[nodiscard]] bool Place(const std::string& sha256,
                           const std::filesystem::path& destination,
                           bool executable) const;
  [[nodiscard]] long long Size(const std::string& sha256) const { return objects_.Size(sha256); }
  /// The verified bytes; nullopt as Place's false, or larger than `max_bytes`.
  [[nodiscard]] std::optional<std::string> Read(const std::string& sha256,
                                                std::size_t max_bytes) const;
  /// For files on their way in; emptied at the next start.
  [[nodiscard]] std::filesystem::path staging() const { return objects_.root() / "tmp"; }

 private:
  [[nodiscard]] std::filesystem::path NamePath(const DataName& name) const;
  void Forget(const std::string& sha256) const;

  ArtifactStore objects_;
};

}  // namespace failgate
