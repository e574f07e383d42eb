#include "controller/git/repository.h"

#include <fmt/format.h>
#include <git2.h>

#include <algorithm>
#include <utility>

#include "controller/base/durable_file.h"
#include "controller/base/text.h"
#include "controller/git/git_handles.h"

namespace failgate {
namespace {

/// A commit is headers and a message; more is somebody's attack on our memory.
constexpr std::size_t kMaxCommitBytes = std::size_t{8} << 20U;

std::unique_ptr<Repository::State> TakeHandle(const std::filesystem::path& path,
                                              git_repository* handle) {
  auto state = std::make_unique<Repository::State>();
  state->path = path;
  state->repository.reset(handle);
  return state;
}

void SetConfig(git_repository* repository, const std::filesystem::path& path) {
  git_config* config = nullptr;
  CheckGit(git_repository_config(&config, repository), "configuring", path.native());
  const std::unique_ptr<git_config, void (*)(git_config*)> owner(config, git_config_free);
  for (const auto& [name, value] : {std::pair{"gc.auto", "0"},
                                    std::pair{"maintenance.auto", "false"},
                                    std::pair{"gc.autoDetach", "false"},
                                    std::pair{"core.logAllRefUpdates", "false"},
                                    std::pair{"receive.denyNonFastForwards", "false"}}) {
    CheckGit(git_config_set_string(config, name, value), "configuring", path.native());
  }
}

/// The commit behind a reference; nullopt when it leads to something else or nowhere.
std::optional<CommitId> CommitBehind(const git_reference* reference, std::string_view name) {
  git_object* object = nullptr;
  const int code = git_reference_peel(&object, reference, GIT_OBJECT_COMMIT);
  if (code == GIT_ENOTFOUND && git_reference_type(reference) == GIT_REFERENCE_SYMBOLIC) {
    git_error_clear();
    return std::nullopt;
  }
  if (code == GIT_EPEEL || code == GIT_EINVALIDSPEC || code == GIT_EAMBIGUOUS) {
    git_error_clear();
    return std::nullopt;
  }
  CheckGit(code, "reading ref", name);
  const std::string id = FormatGitId(*git_object_id(object));
  git_object_free(object);
  return CommitId(id);
}

void DemandRefName(const std::string& name) {
  if (!IsValidRefName(name)) {
    throw Error(Remedy::kNeedsChange,
                fmt::format("using ref \"{}\": it is no full ref name", OneLine(name, 100)));
  }
}

}  // namespace

Repository::Repository(std::unique_ptr<State> state) : state_(std::move(state)) {}
Repository::~Repository() = default;
Repository::Repository(Repository&&) noexcept = default;
Repository& Repository::operator=(Repository&&) noexcept = default;

Repository Repository::Open(const std::filesystem::path& path) {
  StartLibgit2();
  git_repository* handle = nullptr;
  CheckGit(git_repository_open_bare(&handle, path.c_str()), "opening repository", path.native());
  return Repository(TakeHandle(path, handle));
}

Repository Repository::InitBare(const std::filesystem::path& path) {
  StartLibgit2();
  if (std::filesystem::exists(path / "HEAD")) {
    throw Error(Remedy::kNeedsChange,
                fmt::format("making repository {}: there is one already", path.native()));
  }
  CreateFolders(path);
  git_repository_init_options options;
  CheckGit(git_repository_init_options_init(&options, GIT_REPOSITORY_INIT_OPTIONS_VERSION),
           "making repository",
           path.native());
  options.flags = GIT_REPOSITORY_INIT_BARE | GIT_REPOSITORY_INIT_MKPATH;
  options.initial_head = "main";
  git_repository* handle = nullptr;
  CheckGit(
      git_repository_init_ext(&handle, path.c_str(), &options), "making repository", path.native());
  Repository repository(TakeHandle(path, handle));
  SetConfig(handle, path);
  return repository;
}

const std::filesystem::path& Repository::path() const {
  return state_->path;
}

std::optional<CommitId> Repository::Ref(const std::string& name) const {
  if (name != "HEAD") {
    DemandRefName(name);
  }
  git_reference* reference = nullptr;
  const int code = git_reference_lookup(&reference, state_->repository.get(), name.c_str());
  if (code == GIT_ENOTFOUND) {
    git_error_clear();
    return std::nullopt;
  }
  CheckGit(code, "reading ref", name);
  const GitHandle<git_reference> owner(reference);
  return CommitBehind(reference, name);
}

std::vector<RefEntry> Repository::Refs(const std::string& prefix) const {
  git_reference_iterator* raw = nullptr;
  CheckGit(git_reference_iterator_new(&raw, state_->repository.get()), "listing refs", prefix);
  const GitHandle<git_reference_iterator> iterator(raw);
  std::vector<RefEntry> found;
  while (true) {
    git_reference* reference = nullptr;
    const int code = git_reference_next(&reference, iterator.get());
    if (code == GIT_ITEROVER) {
      break;
    }
    CheckGit(code, "listing refs", prefix);
    const GitHandle<git_reference> owner(reference);
    const std::string name = git_reference_name(reference);
    if (name.compare(0, prefix.size(), prefix) != 0) {
      continue;
    }
    if (const std::optional<CommitId> commit = CommitBehind(reference, name)) {
      found.push_back({name, *commit});
    }
  }
  std::sort(found.begin(), found.end(), [](const RefEntry& a, const RefEntry& b) {
    return a.name < b.name;
  });
  return found;
}

bool Repository::SetRef(const std::string& name,
                        const CommitId& to,
                        const std::optional<CommitId>& expected_old) {
  DemandRefName(name);
  if (!HasCommit(to)) {
    throw Error(Remedy::kNeedsChange,
                fmt::format("setting ref {}: commit {} is not in {}",
                            name,
                            OneLine(to.text(), 64),
                            path().native()));
  }
  git_oid target;
  ParseGitId(to.text(), target);
  git_reference* reference = nullptr;
  int code = 0;
  if (expected_old) {
    git_oid old;
    ParseGitId(expected_old->text(), old);
    code = git_reference_create_matching(
        &reference, state_->repository.get(), name.c_str(), &target, 1, &old, nullptr);
  } else {
    code = git_reference_create(
        &reference, state_->repository.get(), name.c_str(), &target, 0, nullptr);
  }
  const GitHandle<git_reference> owner(reference);
  const bool lost = code == GIT_EMODIFIED || (expected_old && code == GIT_ENOTFOUND) ||
                    (!expected_old && code == GIT_EEXISTS &&
                     Ref(name).has_value());  // else a folder of refs stands there
  if (lost) {
    git_error_clear();
    return false;
  }
  CheckGit(code, "setting ref", name);
  return true;
}

bool Repository::DeleteRef(const std::string& name) {
  DemandRefName(name);
  git_reference* reference = nullptr;
  const int code = git_reference_lookup(&reference, state_->repository.get(), name.c_str());
  if (code == GIT_ENOTFOUND) {
    git_error_clear();
    return false;
  }
  CheckGit(code, "deleting ref", name);
  const GitHandle<git_reference> owner(reference);
  CheckGit(git_reference_delete(reference), "deleting ref", name);
  return true;
}

bool Repository::HasCommit(const CommitId& id) const {
  git_oid oid;
  ParseGitId(id.text(), oid);
  std::size_t size = 0;
  git_object_t type = GIT_OBJECT_INVALID;
  const int code = git_odb_read_header(&size, &type, state_->Odb(), &oid);
  if (code == GIT_ENOTFOUND) {
    git_error_clear();
    return false;
  }
  CheckGit(code, "reading commit", id.text());
  return type == GIT_OBJECT_COMMIT;
}

CommitInfo Repository::ReadCommit(const CommitId& id) const {
  git_oid oid;
  ParseGitId(id.text(), oid);
  std::size_t size = 0;
  git_object_t type = GIT_OBJECT_INVALID;
  CheckGit(git_odb_read_header(&size, &type, state_->Odb(), &oid), "reading commit", id.text());
  if (type != GIT_OBJECT_COMMIT || size > kMaxCommitBytes) {
    throw Error(
        Remedy::kNeedsChange,
        fmt::format("reading commit {}: it is {}",
                    id.text(),
                    type != GIT_OBJECT_COMMIT ? "no commit" : "larger than a commit may be"));
  }
  git_odb_object* object = nullptr;
  CheckGit(git_odb_read(&object, state_->Odb(), &oid), "reading commit", id.text());
  const GitHandle<git_odb_object> owner(object);
  Result<CommitInfo> commit =
      ParseCommit(id,
                  std::string_view(static_cast<const char*>(git_odb_object_data(object)),
                                   git_odb_object_size(object)));
  if (!commit) {
    throw Error(Remedy::kNeedsChange, "reading " + commit.error().text);
  }
  return std::move(commit).value();
}

}  // namespace failgate
