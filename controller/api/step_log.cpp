#include "controller/api/step_log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "controller/base/durable_file.h"
#include "controller/base/error.h"

namespace failgate {
namespace {

FileDescriptor OpenLog(const std::filesystem::path& path) {
  FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!file.valid() && errno != ENOENT) {
    throw ErrnoError("reading", path.filename().string(), errno);
  }
  return file;
}

LogChunk ReadFrom(const FileDescriptor& file,
                  const std::filesystem::path& path,
                  long long from,
                  std::size_t max_bytes) {
  LogChunk chunk;
  chunk.bytes.resize(max_bytes);
  std::size_t have = 0;
  while (have < max_bytes) {
    const ssize_t got = ::pread(file.get(),
                                chunk.bytes.data() + have,
                                max_bytes - have,
                                static_cast<off_t>(from) + static_cast<off_t>(have));
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      throw ErrnoError("reading", path.filename().string(), errno);
    }
    if (got == 0) {
      break;
    }
    have += static_cast<std::size_t>(got);
  }
  chunk.to_the_end = have < max_bytes;
  chunk.bytes.resize(have);
  return chunk;
}

}  // namespace

std::optional<std::filesystem::path> LogPathOf(const std::filesystem::path& log_folder,
                                               const Step& step) {
  if (step.log_path.empty()) {
    return std::nullopt;
  }
  const std::filesystem::path folder = log_folder.lexically_normal();
  const std::filesystem::path path = (folder / step.log_path).lexically_normal();
  const std::filesystem::path inside = path.lexically_relative(folder);
  const bool under = !inside.empty() && *inside.begin() != ".." && *inside.begin() != ".";
  return under ? std::optional<std::filesystem::path>(path) : std::nullopt;
}

LogChunk ReadLog(const std::filesystem::path& path, long long from, std::size_t max_bytes) {
  const FileDescriptor file = OpenLog(path);
  return file.valid() ? ReadFrom(file, path, from, max_bytes) : LogChunk();
}

LogChunk ReadLogTail(const std::filesystem::path& path, std::size_t max_bytes) {
  const FileDescriptor file = OpenLog(path);
  if (!file.valid()) {
    return {};
  }
  struct stat status = {};
  if (::fstat(file.get(), &status) != 0) {
    throw ErrnoError("looking at", path.filename().string(), errno);
  }
  const long long size = status.st_size;
  const long long from = std::max(0LL, size - static_cast<long long>(max_bytes));
  LogChunk chunk = ReadFrom(file, path, from, max_bytes);
  chunk.to_the_end = from == 0;
  return chunk;
}

}  // namespace failgate
