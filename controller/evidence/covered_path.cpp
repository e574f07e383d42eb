#include "controller/evidence/covered_path.h"

#include <algorithm>

#include "controller/base/ids.h"
#include "controller/base/text.h"

namespace failgate {
namespace {

bool IsAbsolute(std::string_view path) {
  return !path.empty() && path.front() == '/';
}

/// Parts without "." and ".."; nullopt when ".." leaves the start or nothing is left.
std::optional<std::vector<std::string>> PlainParts(std::string_view path) {
  std::vector<std::string> parts;
  for (std::string& part : Split(path, '/')) {
    if (part.empty() || part == ".") {
      continue;
    }
    if (part != "..") {
      parts.push_back(std::move(part));
    } else if (parts.empty()) {
      return std::nullopt;
    } else {
      parts.pop_back();
    }
  }
  return parts;
}

std::string Slashes(std::string_view path) {
  std::string text(path);
  std::replace(text.begin(), text.end(), '\\', '/');
  return text;
}

}  // namespace

std::optional<std::string> RepositoryPath(std::string_view path, std::string_view workspace) {
  const std::string plain = Slashes(path);
  auto parts = PlainParts(plain);
  if (!parts) {
    return std::nullopt;
  }
  if (IsAbsolute(plain)) {
    const auto root = PlainParts(workspace);
    if (!IsAbsolute(workspace) || !root || parts->size() <= root->size() ||
        !std::equal(root->begin(), root->end(), parts->begin())) {
      return std::nullopt;
    }
    parts->erase(parts->begin(), parts->begin() + static_cast<std::ptrdiff_t>(root->size()));
  }
  if (parts->empty()) {
    return std::nullopt;
  }
  std::string joined = Join(*parts, "/");
  // No file of a repository lies in .git.
  if (EscapeControls(joined) != joined || joined.size() > 1024 || !IsSafeRelativePath(joined)) {
    return std::nullopt;
  }
  return joined;
}

std::optional<std::string> RepositoryPathBelow(const std::vector<std::string>& sources,
                                               std::string_view path,
                                               std::string_view workspace) {
  if (IsAbsolute(path)) {
    return RepositoryPath(path, workspace);
  }
  bool lies_elsewhere = false;
  for (const std::string& source : sources) {
    if (source.empty()) {
      continue;
    }
    if (IsAbsolute(source) && workspace.empty()) {
      continue;
    }
    if (auto inside = RepositoryPath(source + "/" + std::string(path), workspace)) {
      return inside;
    }
    lies_elsewhere = lies_elsewhere || IsAbsolute(source);
  }
  return lies_elsewhere ? std::nullopt : RepositoryPath(path, workspace);
}

}  // namespace failgate
