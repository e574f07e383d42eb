#include "controller/pipeline/workspace_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "controller/artifacts/folder_tree.h"
#include "controller/base/durable_file.h"
#include "controller/base/error.h"
#include "controller/base/ids.h"
#include "controller/base/text.h"

namespace failgate {
namespace {

constexpr std::size_t kBlock = std::size_t{64} << 10U;

Refusal Unsafe(const std::string& shown, const char* why) {
  return Refusal{"file_unsafe", fmt::format("\"{}\" {}", shown, why)};
}

Refusal RefusalOfOpen(const std::string& shown, int error_number) {
  switch (error_number) {
    case ENOENT:
    case ENOTDIR:
      return Refusal{"file_missing",
                     fmt::format("\"{}\" was not written, or lies behind a link", shown)};
    case ELOOP:
      return Unsafe(shown, "is a link or lies behind one");
    case ENXIO:
    case EACCES:
      return Unsafe(shown, "cannot be opened");
    default:
      throw ErrnoError("opening", shown, error_number);
  }
}

std::string ReadAll(int file, const std::string& shown, std::size_t max_bytes) {
  std::string bytes;
  std::string block(kBlock, '\0');
  while (bytes.size() <= max_bytes) {
    const ssize_t count = read(file, block.data(), block.size());
    if (count == 0) {
      break;
    }
    if (count > 0) {
      bytes.append(block, 0, static_cast<std::size_t>(count));
    } else if (errno != EINTR) {
      throw ErrnoError("reading", shown, errno);
    }
  }
  return bytes;
}

}  // namespace

Result<std::string> ReadWorkspaceFile(const std::filesystem::path& workspace,
                                      const std::string& relative,
                                      std::size_t max_bytes) {
  const std::string shown = OneLine(relative, 200);
  if (!IsSafeRelativePath(relative)) {
    return Unsafe(shown, "is no path inside the workspace");
  }
  const FileDescriptor folder(
      open(workspace.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!folder.valid()) {
    throw ErrnoError("opening", "the workspace of a step", errno);
  }
  // Without O_NONBLOCK opening a pipe would wait for a writer for ever.
  const FileDescriptor file =
      OpenBelow(folder.get(), relative, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (!file.valid()) {
    return RefusalOfOpen(shown, errno);
  }
  struct stat status = {};
  if (fstat(file.get(), &status) != 0) {
    throw ErrnoError("looking at", shown, errno);
  }
  if (!S_ISREG(status.st_mode)) {
    return Unsafe(shown, "is no regular file");
  }
  std::string bytes = ReadAll(file.get(), shown, max_bytes);
  if (bytes.size() > max_bytes) {
    return Refusal{"file_too_large",
                   fmt::format("\"{}\" is larger than {} bytes", shown, max_bytes)};
  }
  return bytes;
}

}  // namespace failgate
