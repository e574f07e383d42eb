#include "controller/daemon/demo_folder.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "controller/base/embedded_file.h"
#include "controller/base/error.h"
#include "controller/base/text.h"

namespace failgate {

const std::vector<EmbeddedFile>& DemoFiles();

namespace {

// A root controller runs steps as users of their own: they must pass through, not look around.
constexpr mode_t kPassable = 0711;

bool IsPlain(const std::string& path) {
  const auto refused = [](char character) {
    return std::string_view(" \t\"'\\$`@").find(character) != std::string_view::npos;
  };
  return std::none_of(path.begin(), path.end(), refused) && EscapeControls(path) == path;
}

/// Paths go into YAML, a hook script and repository URLs.
void RefuseUnplainPath(const std::filesystem::path& path) {
  if (IsPlain(path.string())) return;
  throw Error(Remedy::kNeedsChange,
              fmt::format("the demo cannot live in {}: name a folder with --dir whose path has no "
                          "blanks, quotes, '$', '@' or backslashes",
                          OneLine(path.string())));
}

void RefuseTakenFolder(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return;
  if (!std::filesystem::is_directory(path, error)) {
    throw Error(
        Remedy::kNeedsChange,
        fmt::format("{} is no folder: name a new or empty one with --dir", OneLine(path.string())));
  }
  const bool empty = std::filesystem::is_empty(path, error);
  if (error || !empty) {
    throw Error(Remedy::kNeedsChange,
                fmt::format("{} is not empty: name a new or empty folder with --dir, or remove "
                            "this one",
                            OneLine(path.string())));
  }
}

std::string Filled(std::string text, const DemoPlaceholders& placeholders) {
  for (const auto& [name, value] : placeholders) {
    const std::string mark = "@" + name + "@";
    for (std::size_t at = text.find(mark); at != std::string::npos;
         at = text.find(mark, at + value.size())) {
      text.replace(at, mark.size(), value);
    }
  }
  return text;
}

}  // namespace

DemoFolder::DemoFolder(const std::filesystem::path& wanted) {
  if (wanted.empty()) {
    temporary_ = std::make_unique<TemporaryFolder>();
    path_ = std::filesystem::canonical(temporary_->path());
  } else {
    RefuseUnplainPath(std::filesystem::absolute(wanted));
    RefuseTakenFolder(wanted);
    CreateFolders(wanted, kPassable);
    path_ = std::filesystem::canonical(wanted);
  }
  RefuseUnplainPath(path_);
  if (::chmod(path_.c_str(), kPassable) != 0) {
    throw ErrnoError("setting the mode of", path_.string(), errno);
  }
}

void UnpackDemoFiles(std::string_view part,
                     const std::filesystem::path& to,
                     const DemoPlaceholders& placeholders) {
  const std::string prefix = std::string(part) + "/";
  bool found = false;
  for (const EmbeddedFile& file : DemoFiles()) {
    if (file.path.rfind(prefix, 0) != 0) continue;
    found = true;
    const std::filesystem::path path = to / file.path.substr(prefix.size());
    CreateFolders(path.parent_path());
    WriteFileDurably(path, Filled(file.content, placeholders));
  }
  Check(found, "the program carries the files of the demo");
}

}  // namespace failgate
