// Objects of a chain of commits on their way into a repository: one pack of just what is new.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "controller/base/ids.h"
#include "controller/git/folder_memory.h"
#include "controller/git/object_pack.h"
#include "controller/git/repository.h"

namespace failgate {

/// What stood at a path before is what an object is written as a difference from: nobody has to
/// search for it. Not thread-safe; the repository and the memory outlive it.
class NewObjects {
 public:
  /// `folders`: what earlier ones left of large folders; nullptr = each is read and compressed.
  explicit NewObjects(Repository& repository, FolderMemory* folders = nullptr)
      : repository_(repository), folders_(folders) {}

  ObjectId WriteCommit(std::string_view bytes);
  /// `bytes` outlive this.
  ObjectId WriteBlob(const std::string& path, std::string_view bytes);
  ObjectId WriteTree(const std::string& path, std::string bytes);
  /// Of the repository, or the one last written at `path`; valid until the next tree of this path
  /// is written. Throws Error when it is missing or no tree.
  [[nodiscard]] std::string_view ReadTree(const std::string& path, const ObjectId& id);
  /// The pack, for a reader who has what was read here. What the repository may have besides, left
  /// by a push that failed, is in it all the same. Nothing is written afterwards.
  [[nodiscard]] std::string_view PackForReader();
  /// All that was written is durable and can be read from the repository when it returns. The last
  /// call.
  void Store();

 private:
  /// Where an object stands in the pack.
  struct Placed {
    std::uint64_t place = 0;
    int depth = 0;  ///< of the chain of differences that leads to it
  };
  struct HashOfId {
    std::size_t operator()(const ObjectId& id) const { return std::hash<std::string>()(id.text()); }
  };
  struct Tree {
    ObjectId id;
    std::string bytes;
  };
  struct Blob {
    ObjectId id;
    std::string_view bytes;
  };
  struct Delta {
    std::string bytes;
    Placed base;
  };

  /// False when it is in the pack, or was read.
  [[nodiscard]] bool IsNew(const ObjectId& id) const { return known_.count(id) == 0; }
  void Pack(const ObjectId& id,
            ObjectKind kind,
            std::string_view bytes,
            const std::optional<Delta>& delta);
  void PackWholeTree(const ObjectId& id, const std::string& path, std::string_view bytes);
  /// nullopt when it is not worth it, or must not be.
  [[nodiscard]] std::optional<Delta> Difference(const ObjectId& base_id,
                                                std::string_view base,
                                                std::string_view bytes) const;
  [[nodiscard]] std::optional<Delta> DifferenceOfTree(const std::string& path,
                                                      const ObjectId& id,
                                                      std::string_view bytes);
  [[nodiscard]] std::optional<Delta> DifferenceOfBlob(const std::string& path,
                                                      std::string_view bytes) const;

  Repository& repository_;
  FolderMemory* folders_;
  ObjectPack pack_;
  /// None: it was read, so the repository and the reader have it.
  std::unordered_map<ObjectId, std::optional<Placed>, HashOfId> known_;
  std::map<std::string, Tree> trees_;  ///< the newest of each path
  /// Of each path, what the next trees are written as differences from: reading one again costs one
  /// difference, not all that came between.
  std::map<std::string, Tree> anchors_;
  std::map<std::string, Blob> blobs_;
  /// Blobs last written in each room of the root: files that are never changed resemble others.
  std::map<std::string, std::deque<Blob>> recent_;
};

}  // namespace failgate
