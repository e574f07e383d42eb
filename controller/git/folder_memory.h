// Large folders, of which one writing changes little and the next reads and writes them again: they
// need not be read, and what stayed the same is not compressed again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/ids.h"

namespace failgate {

/// Of each path the newest folder, and the last that was compressed, in pieces that were compressed
/// alone. Not thread-safe.
class FolderMemory {
 public:
  /// Smaller ones are read and compressed as fast.
  static constexpr std::size_t kSmallest = std::size_t{4} << 10U;
  /// Of all paths, compressed and not.
  static constexpr std::size_t kMaxBytes = std::size_t{16} << 20U;

  FolderMemory();
  ~FolderMemory();
  FolderMemory(const FolderMemory&) = delete;
  FolderMemory& operator=(const FolderMemory&) = delete;

  /// A zlib stream of `bytes`. Which one depends on what was asked before, what is read from it
  /// does not.
  [[nodiscard]] std::string Deflate(const std::string& path, std::string_view bytes);
  /// `bytes` are the folder `id`, the newest of the path; nothing happens below kSmallest.
  void Keep(const std::string& path, const ObjectId& id, std::string bytes);
  /// Valid until the next call of another function; nullopt when another folder, or none, is the
  /// newest known.
  [[nodiscard]] std::optional<std::string_view> Find(const std::string& path,
                                                     const ObjectId& id) const;
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  struct Piece {
    std::size_t size = 0;  ///< of what it stands for
    std::uint32_t checksum = 1;
    std::string deflated;
  };
  struct Folder {
    ObjectId id;
    std::string newest;
    std::string deflated;  ///< what the pieces stand for
    std::vector<Piece> pieces;
    std::uint64_t used = 0;
  };
  struct Stream;
  static std::size_t SizeOf(const Folder& folder);
  [[nodiscard]] std::vector<Piece> DeflatePieces(std::string_view bytes);
  void Replace(Folder& folder, std::string_view bytes);
  void ForgetOldest();

  std::unique_ptr<Stream> stream_;
  std::map<std::string, Folder> folders_;
  std::size_t bytes_ = 0;
  std::uint64_t uses_ = 0;
};

}  // namespace failgate
