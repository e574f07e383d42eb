#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "controller/api/answers.h"
#include "controller/api/named_records.h"
#include "controller/api/routes/routes.h"
#include "controller/base/durable_file.h"
#include "controller/base/text.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxChunkBytes = std::size_t{1} << 20U;

/// Where the step's log lies: under the log folder, or nowhere.
std::optional<std::filesystem::path> LogPath(const ApiServices& services, const Step& step) {
  if (step.log_path.empty()) {
    return std::nullopt;
  }
  const std::filesystem::path folder = services.log_folder.lexically_normal();
  const std::filesystem::path path = (folder / step.log_path).lexically_normal();
  const std::filesystem::path inside = path.lexically_relative(folder);
  const bool under = !inside.empty() && *inside.begin() != ".." && *inside.begin() != ".";
  return under ? std::optional<std::filesystem::path>(path) : std::nullopt;
}

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

bool IsOver(const Step& step, const Run& run) {
  const bool waits = step.state == StepState::kPending || step.state == StepState::kRunning;
  return !waits || IsFinished(run.state);
}

HttpResponse ShowLog(const ApiServices& services, const ApiCall& call) {
  const auto from = ParseNonNegative(call.query.Get("from").value_or("0"));
  if (!from) {
    return ErrorAnswer(422, "bad_query", "from must be a number of bytes");
  }
  const auto run = NamedRun(services, call);
  if (!run) {
    return run.error();
  }
  // The state first: what is read afterwards is then all there is of an ended step.
  const std::optional<Step> step = services.steps.Get(run->id, call.Parameter("step"));
  if (!step) {
    return NoSuch("such step of this run");
  }
  const std::optional<std::filesystem::path> path = LogPath(services, *step);
  Chunk chunk = path ? ReadChunk(*path, *from) : Chunk{};
  const long long next = *from + static_cast<long long>(chunk.bytes.size());
  HttpResponse response;
  response.body = std::move(chunk.bytes);
  response.headers.emplace_back("X-Next-From", std::to_string(next));
  const bool complete = chunk.to_the_end && IsOver(*step, *run);
  response.headers.emplace_back("X-Log-Complete", complete ? "true" : "false");
  return response;
}

}  // namespace

void AddRunLogRoutes(ApiRoutes& routes, const ApiServices& services) {
  routes.Get("/api/v1/runs/{run}/logs/{step}", {"from"}, [&services](const ApiCall& call) {
    return ShowLog(services, call);
  });
}

}  // namespace failgate
