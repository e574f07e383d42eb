// A pack of git objects and its index, made in memory and written as a whole.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace failgate {

/// Numbers as in packs.
enum class ObjectKind { kCommit = 1, kTree = 2, kBlob = 3 };

/// Each object at most once. Ids are 20 raw bytes. Not thread-safe.
class ObjectPack {
 public:
  ObjectPack();
  ~ObjectPack();
  ObjectPack(const ObjectPack&) = delete;
  ObjectPack& operator=(const ObjectPack&) = delete;

  /// Both answer the object's place, for deltas on it.
  std::uint64_t Add(std::string_view id, ObjectKind kind, std::string_view bytes);
  std::uint64_t AddDelta(std::string_view id, std::uint64_t base, std::string_view delta);
  /// As Add; `stream`: the `size` bytes of the object as zlib compresses them.
  std::uint64_t AddDeflated(std::string_view id,
                            ObjectKind kind,
                            std::size_t size,
                            std::string_view stream);
  [[nodiscard]] bool empty() const { return entries_.empty(); }
  /// The whole pack as git reads it, its checksum included. Nothing is added afterwards.
  [[nodiscard]] const std::string& Seal();
  /// Durable in `folder` (objects/pack) when it returns; the pack before its index, without which
  /// nobody looks at it. Throws Error. Seals the pack.
  void Write(const std::filesystem::path& folder);

 private:
  struct Entry {
    std::string id;
    std::uint32_t checksum = 0;  ///< of what stands in the pack
    std::uint32_t place = 0;
  };
  struct Deflater;
  std::uint64_t Begin(std::string_view id);
  void End(std::string_view content);
  void DemandRoom(std::size_t size) const;
  void SumUp();
  [[nodiscard]] std::string Index(std::string_view pack_checksum) const;

  std::unique_ptr<Deflater> deflater_;
  std::string bytes_;
  std::vector<Entry> entries_;
  std::string checksum_;  ///< 20 bytes once it is sealed
};

}  // namespace failgate
