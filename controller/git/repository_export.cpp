#include <fcntl.h>
#include <fmt/format.h>
#include <git2.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <functional>
#include <set>
#include <utility>
#include <vector>

#include "controller/base/durable_file.h"
#include "controller/base/text.h"
#include "controller/git/git_handles.h"
#include "controller/git/repository.h"
#include "controller/git/tree_names.h"

namespace failgate {
namespace {

constexpr int kMaxDepth = 256;
constexpr mode_t kFolderMode = 0755;
constexpr mode_t kFileMode = 0644;
constexpr mode_t kExecutableMode = 0755;
constexpr std::uint64_t kMaxLinkBytes = 4096;

[[noreturn]] void Refuse(const std::string& path, std::string_view why) {
  throw Error(Remedy::kNeedsChange, fmt::format("exporting {}: {}", OneLine(path, 300), why));
}

FileDescriptor OpenFolder(int parent, const std::string& name, const std::string& path) {
  FileDescriptor folder(
      openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!folder.valid()) {
    if (errno == ENOTDIR || errno == ELOOP) {
      Refuse(path, "it is a folder of one tree and a file of another");
    }
    throw ErrnoError("opening", path, errno);
  }
  return folder;
}

class Export {
 public:
  Export(const Repository::State& state, const ExportLimits& limits)
      : state_(state), limits_(limits) {}

  /// What is written from now on; `folders` are those that hold a wanted file.
  void Want(const std::function<bool(const std::string&)>& wanted, std::set<std::string> folders) {
    wanted_ = &wanted;
    folders_ = std::move(folders);
  }

  void WriteFolder(const git_tree* tree, int folder, const std::string& prefix, int depth) {
    if (depth > kMaxDepth) {
      Refuse(prefix, fmt::format("folders are nested deeper than {}", kMaxDepth));
    }
    for (std::size_t i = 0; i < git_tree_entrycount(tree); ++i) {
      WriteEntry(git_tree_entry_byindex(tree, i), folder, prefix, depth);
    }
  }

  /// After all files: then nothing is ever written through a link.
  void WriteLinks(int root) {
    for (const Link& link : links_) {
      FileDescriptor folder = OpenFolder(root, link.folder, link.folder);
      if (symlinkat(link.target.c_str(), folder.get(), link.name.c_str()) != 0) {
        if (errno == EEXIST) {
          Refuse(link.folder + "/" + link.name, "it is there twice");
        }
        throw ErrnoError("exporting", link.folder + "/" + link.name, errno);
      }
    }
  }

 private:
  struct Link {
    std::string folder;  ///< from the root; "." for it
    std::string name;
    std::string target;
  };

  void WriteEntry(const git_tree_entry* entry, int folder, const std::string& prefix, int depth) {
    const std::string name = git_tree_entry_name(entry);
    const std::string path = prefix + name;
    if (const auto why = WhyUnsafeEntryName(name)) {
      Refuse(path, *why);
    }
    const TreeEntryKind kind =
        KindOfMode(static_cast<unsigned>(git_tree_entry_filemode_raw(entry)));
    if (kind == TreeEntryKind::kSubmodule || !IsWanted(path, kind)) {
      return;
    }
    if (++files_ > limits_.max_files) {
      Refuse(path, fmt::format("the tree has more than {} files and folders", limits_.max_files));
    }
    if (kind == TreeEntryKind::kFolder) {
      // Of two layers both may have the folder; a file in its place is told when it is opened.
      if (mkdirat(folder, name.c_str(), kFolderMode) != 0 &&
          (errno != EEXIST || wanted_ == nullptr)) {
        throw ErrnoError("exporting", OneLine(path), errno);
      }
      const FileDescriptor below = OpenFolder(folder, name, path);
      const GitHandle<git_tree> tree = LookupTree(state_, *git_tree_entry_id(entry));
      WriteFolder(tree.get(), below.get(), path + "/", depth + 1);
      return;
    }
    const std::string content = Content(entry, path, kind);
    if (kind == TreeEntryKind::kSymlink) {
      if (const auto why = WhyUnsafeLinkTarget(content, depth)) {
        Refuse(path, *why);
      }
      links_.push_back({prefix.empty() ? "." : prefix, name, content});
      return;
    }
    WriteFile(folder, name, path, content, kind == TreeEntryKind::kExecutable);
  }

  [[nodiscard]] bool IsWanted(const std::string& path, TreeEntryKind kind) const {
    return wanted_ == nullptr ||
           (kind == TreeEntryKind::kFolder ? folders_.count(path) > 0 : (*wanted_)(path));
  }

  std::string Content(const git_tree_entry* entry, const std::string& path, TreeEntryKind kind) {
    std::size_t size = 0;
    git_object_t type = GIT_OBJECT_INVALID;
    const git_oid* id = git_tree_entry_id(entry);
    CheckGit(git_odb_read_header(&size, &type, state_.Odb(), id), "exporting", OneLine(path));
    bytes_ += size;
    if (type != GIT_OBJECT_BLOB) {
      Refuse(path, "its object is no file content");
    }
    if (bytes_ > limits_.max_bytes) {
      Refuse(path, fmt::format("the tree has more than {} bytes", limits_.max_bytes));
    }
    if (kind == TreeEntryKind::kSymlink && size > kMaxLinkBytes) {
      Refuse(path, "its target is too long");
    }
    git_odb_object* raw = nullptr;
    CheckGit(git_odb_read(&raw, state_.Odb(), id), "exporting", OneLine(path));
    const GitHandle<git_odb_object> owner(raw);
    return {static_cast<const char*>(git_odb_object_data(raw)), git_odb_object_size(raw)};
  }

  static void WriteFile(int folder,
                        const std::string& name,
                        const std::string& path,
                        const std::string& content,
                        bool executable) {
    const mode_t mode = executable ? kExecutableMode : kFileMode;
    const FileDescriptor file(
        openat(folder, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
    if (!file.valid()) {
      if (errno == EEXIST) {
        Refuse(path, "it is there twice");
      }
      throw ErrnoError("exporting", OneLine(path), errno);
    }
    WriteAll(file.get(), content, OneLine(path));
    // What a build sees must not depend on the umask the controller was started with.
    if (fchmod(file.get(), mode) != 0) {
      throw ErrnoError("exporting", OneLine(path), errno);
    }
  }

  const Repository::State& state_;
  const ExportLimits& limits_;
  std::size_t files_ = 0;
  std::uint64_t bytes_ = 0;
  std::vector<Link> links_;
  const std::function<bool(const std::string&)>* wanted_ = nullptr;  ///< nullptr: everything
  std::set<std::string> folders_;
};

std::set<std::string> FoldersOf(const Repository& repository,
                                const Repository::WantedFiles& layer,
                                const ExportLimits& limits) {
  std::set<std::string> folders;
  for (const TreeEntry& file : repository.FindFiles(layer.commit, "", limits.max_files)) {
    if (!layer.wanted(file.name)) {
      continue;
    }
    for (std::size_t at = file.name.find('/'); at != std::string::npos;
         at = file.name.find('/', at + 1)) {
      folders.insert(file.name.substr(0, at));
    }
  }
  return folders;
}

FileDescriptor MakeRoot(const std::filesystem::path& destination) {
  CreateFolders(destination);
  if (!std::filesystem::is_empty(destination)) {
    Refuse(destination.native(), "the destination is not empty");
  }
  return OpenFolder(AT_FDCWD, destination.native(), destination.native());
}

}  // namespace

void Repository::ExportTree(const CommitId& commit,
                            const std::filesystem::path& destination,
                            const ExportLimits& limits,
                            const std::string& from) const {
  const GitHandle<git_tree> tree = FolderAt(*this, commit, from);
  const FileDescriptor root = MakeRoot(destination);
  if (tree == nullptr) return;
  Export writer(*state_, limits);
  writer.WriteFolder(tree.get(), root.get(), "", 0);
  writer.WriteLinks(root.get());
}

void Repository::ExportFiles(const std::vector<WantedFiles>& layers,
                             const std::filesystem::path& destination,
                             const ExportLimits& limits) const {
  const FileDescriptor root = MakeRoot(destination);
  Export writer(*state_, limits);
  for (const WantedFiles& layer : layers) {
    const GitHandle<git_tree> tree = RootTree(*this, layer.commit);
    writer.Want(layer.wanted, FoldersOf(*this, layer, limits));
    writer.WriteFolder(tree.get(), root.get(), "", 0);
  }
  writer.WriteLinks(root.get());
}

}  // namespace failgate
