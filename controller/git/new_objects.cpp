#include "controller/git/new_objects.h"

#include <fmt/format.h>
#include <git2.h>

#include "controller/base/digest.h"
#include "controller/base/error.h"
#include "controller/git/git_handles.h"
#include "controller/git/object_delta.h"
#include "controller/git/tree_id.h"

namespace failgate {
namespace {

/// Git reads chains of 50; one that is repacked has room to grow.
constexpr int kMaxDepth = 40;
constexpr std::size_t kRecentBlobs = 6;
/// A tree that differs by more is what the next ones are written as differences from.
constexpr std::size_t kFarFromAnchor = 1024;

ObjectId IdOf(git_object_t type, std::string_view bytes, const std::string& object) {
  git_oid id;
  CheckGit(git_odb_hash(&id, bytes.data(), bytes.size(), type), "hashing", object);
  return ObjectId(FormatGitId(id));
}

std::string RoomOf(const std::string& path) {
  return path.substr(0, path.find('/'));
}

}  // namespace

void NewObjects::Pack(const ObjectId& id,
                      ObjectKind kind,
                      std::string_view bytes,
                      const std::optional<Delta>& delta) {
  const std::string raw = *HexDecode(id.text());
  known_[id] =
      delta ? Placed{pack_.AddDelta(raw, delta->base.place, delta->bytes), delta->base.depth + 1}
            : Placed{pack_.Add(raw, kind, bytes), 0};
}

void NewObjects::PackWholeTree(const ObjectId& id,
                               const std::string& path,
                               std::string_view bytes) {
  if (folders_ == nullptr || bytes.size() < FolderMemory::kSmallest) {
    Pack(id, ObjectKind::kTree, bytes, std::nullopt);
    return;
  }
  known_[id] = Placed{
      pack_.AddDeflated(
          *HexDecode(id.text()), ObjectKind::kTree, bytes.size(), folders_->Deflate(path, bytes)),
      0};
}

std::optional<NewObjects::Delta> NewObjects::Difference(const ObjectId& base_id,
                                                        std::string_view base,
                                                        std::string_view bytes) const {
  const auto known = known_.find(base_id);
  if (known == known_.end() || !known->second || known->second->depth >= kMaxDepth) {
    return std::nullopt;
  }
  Delta delta{MakeObjectDelta(base, bytes), *known->second};
  return delta.bytes.size() < bytes.size() / 2 ? std::optional<Delta>(std::move(delta))
                                               : std::nullopt;
}

std::optional<NewObjects::Delta> NewObjects::DifferenceOfTree(const std::string& path,
                                                              const ObjectId& id,
                                                              std::string_view bytes) {
  Tree& anchor = anchors_[path];
  auto delta = Difference(anchor.id, anchor.bytes, bytes);
  if (delta && delta->bytes.size() <= kFarFromAnchor) {
    return delta;
  }
  const auto before = trees_.find(path);
  if (before != trees_.end() && before->second.id != anchor.id) {
    auto nearer = Difference(before->second.id, before->second.bytes, bytes);
    if (nearer && (!delta || nearer->bytes.size() < delta->bytes.size())) {
      delta = std::move(nearer);
    }
  }
  anchor = {id, std::string(bytes)};
  return delta;
}

std::optional<NewObjects::Delta> NewObjects::DifferenceOfBlob(const std::string& path,
                                                              std::string_view bytes) const {
  std::optional<Delta> smallest;
  const auto take = [&](const Blob& base) {
    auto delta = Difference(base.id, base.bytes, bytes);
    if (delta && (!smallest || delta->bytes.size() < smallest->bytes.size())) {
      smallest = std::move(delta);
    }
  };
  if (const auto before = blobs_.find(path); before != blobs_.end()) {
    take(before->second);
  } else if (const auto room = recent_.find(RoomOf(path)); room != recent_.end()) {
    for (const Blob& blob : room->second) {
      take(blob);
    }
  }
  return smallest;
}

ObjectId NewObjects::WriteCommit(std::string_view bytes) {
  ObjectId id = IdOf(GIT_OBJECT_COMMIT, bytes, "a commit");
  if (IsNew(id)) {
    Pack(id, ObjectKind::kCommit, bytes, std::nullopt);
  }
  return id;
}

ObjectId NewObjects::WriteBlob(const std::string& path, std::string_view bytes) {
  ObjectId id = IdOf(GIT_OBJECT_BLOB, bytes, path);
  if (IsNew(id)) {
    Pack(id, ObjectKind::kBlob, bytes, DifferenceOfBlob(path, bytes));
    std::deque<Blob>& recent = recent_[RoomOf(path)];
    recent.push_front({id, bytes});
    if (recent.size() > kRecentBlobs) {
      recent.pop_back();
    }
  }
  blobs_[path] = {id, bytes};
  return id;
}

ObjectId NewObjects::WriteTree(const std::string& path, std::string bytes) {
  ObjectId id = TreeIdOf(bytes);
  if (IsNew(id)) {
    if (const auto delta = DifferenceOfTree(path, id, bytes)) {
      Pack(id, ObjectKind::kTree, bytes, delta);
    } else {
      PackWholeTree(id, path, bytes);
    }
  }
  trees_[path] = {id, std::move(bytes)};
  return id;
}

std::string_view NewObjects::ReadTree(const std::string& path, const ObjectId& id) {
  Tree& tree = trees_[path];
  if (tree.id != id) {
    known_.emplace(id, std::nullopt);  // who has the parent has it
    if (const auto bytes = folders_ == nullptr ? std::nullopt : folders_->Find(path, id)) {
      tree = {id, std::string(*bytes)};
      return tree.bytes;
    }
    git_oid raw;
    ParseGitId(id.text(), raw);
    git_odb_object* object = nullptr;
    CheckGit(git_odb_read(&object, repository_.state().Odb(), &raw), "reading tree", id.text());
    const GitHandle<git_odb_object> owner(object);
    if (git_odb_object_type(object) != GIT_OBJECT_TREE) {
      throw Error(Remedy::kNeedsChange, fmt::format("reading tree {}: it is none", id.text()));
    }
    tree = {id,
            {static_cast<const char*>(git_odb_object_data(object)), git_odb_object_size(object)}};
  }
  return tree.bytes;
}

std::string_view NewObjects::PackForReader() {
  return pack_.empty() ? std::string_view() : std::string_view(pack_.Seal());
}

void NewObjects::Store() {
  if (pack_.empty()) {
    return;
  }
  pack_.Write(repository_.state().path / "objects" / "pack");
  if (folders_ != nullptr) {
    for (auto& [path, tree] : trees_) {
      folders_->Keep(path, tree.id, std::move(tree.bytes));
    }
    trees_.clear();
  }
  CheckGit(git_odb_refresh(repository_.state().Odb()),
           "reading the new pack of",
           repository_.state().path.native());
}

}  // namespace failgate
