#include "controller/artifacts/data_pointer.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxLfsPointerBytes = 1024;

bool StartsWith(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}

bool EndsWith(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

}  // namespace

std::optional<std::string> DescribePointer(std::string_view file_name, std::string_view bytes) {
  // https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md: under 1,024 bytes, version line
  // first.
  if (bytes.size() < kMaxLfsPointerBytes &&
      (StartsWith(bytes, "version https://git-lfs.github.com/spec/") ||
       StartsWith(bytes, "version https://hawser.github.com/spec/"))) {
    return "a git-lfs pointer";
  }
  if (EndsWith(file_name, ".dvc") && bytes.size() < kMaxPointerBytes &&
      (StartsWith(bytes, "outs:") || bytes.find("\nouts:") != std::string_view::npos)) {
    return "a DVC file";
  }
  return std::nullopt;
}

}  // namespace failgate
