// Objects of a chain of commits on their way into a repository: one pack of just what is new.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "controller/base/ids.h"
#include "controller/git/object_pack.h"
#include "controller/git/repository.h"

namespace failgate {

/// What stood at a path before is what an object is written as a difference from: nobody has to
/// search for it. Not thread-safe; the repository outlives it.
class NewObjects {
 public:
  explicit NewObjects(Repository& repository) : repository_(repository) {}

  ObjectId WriteCommit(std::string_view bytes);
  /// `bytes` outlive this.
  ObjectId WriteBlob(const std::string& path, std::string_view bytes);
  ObjectId WriteTree(const std::string& path, std::string bytes);
  /// Of the repository, or the one last written at `path`; valid until the next tree of this path
  /// is written. Throws Error when it is missing or no tree.
  [[nodiscard]] std::string_view ReadTree(const std::string& path, const ObjectId& id);
  /// The pack, for a reader who has all that the repository had. Empty when something was left out
  /// because the repository had it though nothing that was read led to it: then that reader need
  /// not have it. Nothing is written afterwards.
  [[nodiscard]] std::string_view PackForReader();
  /// All that was written is durable and can be read from the repository when it returns.
  void Store();

 private:
  /// Where an object stands in the pack; none when the repository had it already.
  struct Placed {
    std::uint64_t place = 0;
    int depth = 0;  ///< of the chain of differences that leads to it
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

  /// False when the repository or the pack has it already.
  [[nodiscard]] bool IsNew(const ObjectId& id);
  void Pack(const ObjectId& id,
            ObjectKind kind,
            std::string_view bytes,
            const std::optional<Delta>& delta);
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
  ObjectPack pack_;
  bool pack_is_whole_ = true;
  std::map<ObjectId, std::optional<Placed>> known_;
  std::map<std::string, Tree> trees_;  ///< the newest of each path
  /// Of each path, what the next trees are written as differences from: reading one again costs one
  /// difference, not all that came between.
  std::map<std::string, Tree> anchors_;
  std::map<std::string, Blob> blobs_;
  /// Blobs last written in each room of the root: files that are never changed resemble others.
  std::map<std::string, std::deque<Blob>> recent_;
};

}  // namespace failgate
