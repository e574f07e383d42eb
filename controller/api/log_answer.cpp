#include "controller/api/log_answer.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <utility>

#include "controller/api/answers.h"
#include "controller/base/durable_file.h"
#include "controller/base/text.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxChunkBytes = std::size_t{1} << 20U;

struct Chunk {
  std::string bytes;
  bool to_the_end = true;
};

Chunk ReadChunk(const std::filesystem::path& path, long long from) {
  Chunk chunk;
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!file.valid()) {
    if (errno == ENOENT) {
      return chunk;  // not begun, or pruned
    }
    throw ErrnoError("reading", path.filename().string(), errno);
  }
  chunk.bytes.resize(kMaxChunkBytes);
  std::size_t have = 0;
  while (have < kMaxChunkBytes) {
    const ssize_t got = ::pread(file.get(),
                                chunk.bytes.data() + have,
                                kMaxChunkBytes - have,
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
  chunk.to_the_end = have < kMaxChunkBytes;
  chunk.bytes.resize(have);
  return chunk;
}

}  // namespace

Result<long long, HttpResponse> ReadFrom(const ApiCall& call) {
  const auto from = ParseNonNegative(call.query.Get("from").value_or("0"));
  if (!from) {
    return ErrorAnswer(422, "bad_query", "from must be a number of bytes");
  }
  return *from;
}

HttpResponse LogAnswer(const std::optional<std::filesystem::path>& path,
                       long long from,
                       bool over) {
  Chunk chunk = path ? ReadChunk(*path, from) : Chunk{};
  const long long next = from + static_cast<long long>(chunk.bytes.size());
  HttpResponse response;
  response.body = std::move(chunk.bytes);
  response.headers.emplace_back("X-Next-From", std::to_string(next));
  response.headers.emplace_back("X-Log-Complete", chunk.to_the_end && over ? "true" : "false");
  return response;
}

}  // namespace failgate
