#include "controller/git/new_objects.h"

#include <fmt/format.h>
#include <git2.h>

#include "controller/base/digest.h"
#include "controller/base/error.h"
#include "controller/git/git_handles.h"
#include "controller/git/object_delta.h"

namespace failgate {
namespace {

/// Git reads chains of 50; one that is repacked has room to grow.
constexpr int kMaxDepth = 40;
constexpr std::size_t kRecentBlobs = 6;
/// A tree that differs by more is what the next ones are written as differences from.
constexpr std::size_t kFarFromAnchor = 1024;

git_object_t TypeOf(ObjectKind kind) {
  switch (kind) {
    case ObjectKind::kCommit:
      return GIT_OBJECT_COMMIT;
    case ObjectKind::kTree:
      return GIT_OBJECT_TREE;
    case ObjectKind::kBlob:
      break;
  }
  return GIT_OBJECT_BLOB;
}

ObjectId IdOf(ObjectKind kind, std::string_view bytes, const std::string& object) {
  git_oid id;
  CheckGit(git_odb_hash(&id, bytes.data(), bytes.size(), TypeOf(kind)), "hashing", object);
  return ObjectId(FormatGitId(id));
}

std::string RoomOf(const std::string& path) {
  return path.substr(0, path.find('/'));
}

}  // namespace

bool NewObjects::IsNew(const ObjectId& id) {
  if (known_.count(id) > 0) {
    return false;
  }
  git_oid raw;
  ParseGitId(id.text(), raw);
  if (git_odb_exists_ext(repository_.state().Odb(), &raw, GIT_ODB_LOOKUP_NO_REFRESH) == 1) {
    known_[id] = std::nullopt;
    pack_is_whole_ = false;
    return false;
  }
  return true;
}

void NewObjects::Pack(const ObjectId& id,
                      ObjectKind kind,
                      std::string_view bytes,
                      const std::optional<Delta>& delta) {
  const std::string raw = *HexDecode(id.text());
  known_[id] =
      delta ? Placed{pack_.AddDelta(raw, delta->base.place, delta->bytes), delta->base.depth + 1}
            : Placed{pack_.Add(raw, kind, bytes), 0};
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
  ObjectId id = IdOf(ObjectKind::kCommit, bytes, "a commit");
  if (IsNew(id)) {
    Pack(id, ObjectKind::kCommit, bytes, std::nullopt);
  }
  return id;
}

ObjectId NewObjects::WriteBlob(const std::string& path, std::string_view bytes) {
  ObjectId id = IdOf(ObjectKind::kBlob, bytes, path);
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
  ObjectId id = IdOf(ObjectKind::kTree, bytes, fmt::format("folder \"{}\"", path));
  if (IsNew(id)) {
    Pack(id, ObjectKind::kTree, bytes, DifferenceOfTree(path, id, bytes));
  }
  trees_[path] = {id, std::move(bytes)};
  return id;
}

std::string_view NewObjects::ReadTree(const std::string& path, const ObjectId& id) {
  Tree& tree = trees_[path];
  if (tree.id != id) {
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
    known_.emplace(id, std::nullopt);  // who has the parent has it
  }
  return tree.bytes;
}

std::string_view NewObjects::PackForReader() {
  return pack_is_whole_ && !pack_.empty() ? std::string_view(pack_.Seal()) : std::string_view();
}

void NewObjects::Store() {
  if (pack_.empty()) {
    return;
  }
  pack_.Write(repository_.state().path / "objects" / "pack");
  CheckGit(git_odb_refresh(repository_.state().Odb()),
           "reading the new pack of",
           repository_.state().path.native());
}

}  // namespace failgate
