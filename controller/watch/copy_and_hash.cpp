#include "controller/watch/copy_and_hash.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <condition_variable>
#include <exception>
#include <thread>

#include "controller/base/clock.h"
#include "controller/base/digest.h"
#include "controller/base/durable_file.h"
#include "controller/base/error.h"
#include "controller/base/guarded.h"

namespace failgate {
namespace {

constexpr std::size_t kBlock = std::size_t{1} << 20U;
constexpr std::size_t kBlocks = 4;
/// Smaller files are not worth a thread.
constexpr long long kWorthAThread = 8LL << 20U;
/// What was written goes to the disk while more is read: no flood of it at the end.
constexpr long long kFlushEvery = 64LL << 20U;
constexpr std::chrono::seconds kTellEvery{1};

/// Bytes read at once; empty at the end of the file.
std::string_view ReadBlock(const NamedDescriptor& from, std::string& buffer) {
  buffer.resize(kBlock);
  std::size_t filled = 0;
  while (filled < buffer.size()) {
    const ssize_t count = read(from.fd, buffer.data() + filled, buffer.size() - filled);
    if (count == 0) break;
    if (count > 0) {
      filled += static_cast<std::size_t>(count);
    } else if (errno != EINTR) {
      throw ErrnoError("reading", from.name, errno);
    }
  }
  return std::string_view(buffer).substr(0, filled);
}

void StartFlush(int fd, long long begin, long long bytes) {
  // Only a start: what is on the disk is asked at the end.
  static_cast<void>(sync_file_range(fd, begin, bytes, SYNC_FILE_RANGE_WRITE));
}

/// Writes behind the reader's back, a few blocks behind at most.
class Writer {
 public:
  explicit Writer(const NamedDescriptor& to) : to_(to), thread_([this] { Run(); }) {}
  ~Writer() { Finish(); }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  /// The block to read into next; waits until it was written.
  std::string& Next() {
    auto state = state_.Lock();
    changed_.wait(state.lock(), [&] { return state->filled - state->written < kBlocks; });
    Rethrow(*state);
    return blocks_.at(static_cast<std::size_t>(state->filled) % kBlocks);
  }
  void Filled(std::size_t bytes) {
    auto state = state_.Lock();
    sizes_.at(static_cast<std::size_t>(state->filled) % kBlocks) = bytes;
    ++state->filled;
    changed_.notify_all();
  }
  /// All is written when it returns.
  void Close() {
    Finish();
    Rethrow(*state_.Lock());
  }

 private:
  struct State {
    std::size_t filled = 0;
    std::size_t written = 0;
    bool ended = false;
    std::exception_ptr failure;
  };
  static void Rethrow(const State& state) {
    if (state.failure) std::rethrow_exception(state.failure);
  }
  void Finish() {
    if (!thread_.joinable()) return;
    state_.Lock()->ended = true;
    changed_.notify_all();
    thread_.join();
  }
  void Run() {
    long long written = 0;
    long long flushed = 0;
    while (true) {
      std::size_t block = 0;
      {
        auto state = state_.Lock();
        changed_.wait(state.lock(), [&] { return state->ended || state->filled > state->written; });
        if (state->filled == state->written) return;
        block = state->written % kBlocks;
      }
      std::exception_ptr failure;
      try {
        WriteAll(to_.fd, std::string_view(blocks_.at(block)).substr(0, sizes_.at(block)), to_.name);
        written += static_cast<long long>(sizes_.at(block));
        if (written - flushed >= kFlushEvery) {
          StartFlush(to_.fd, flushed, written - flushed);
          flushed = written;
        }
      } catch (...) {
        failure = std::current_exception();
      }
      auto state = state_.Lock();
      if (failure) state->failure = failure;
      ++state->written;
      changed_.notify_all();
    }
  }

  const NamedDescriptor& to_;
  std::array<std::string, kBlocks> blocks_;
  std::array<std::size_t, kBlocks> sizes_{};
  Guarded<State> state_;
  std::condition_variable_any changed_;
  std::thread thread_;
};

}  // namespace

std::optional<std::string> CopyAndHash(
    const NamedDescriptor& from,
    const NamedDescriptor& to,
    long long size,
    const std::stop_token& stop,
    const std::function<void(long long done, long long size)>& progress) {
  static_cast<void>(posix_fadvise(from.fd, 0, 0, POSIX_FADV_SEQUENTIAL));
  Sha256 sha;
  long long done = 0;
  SteadyTime told = SystemClock().Steady();
  const auto take = [&](std::string_view bytes) {
    sha.Update(bytes);
    done += static_cast<long long>(bytes.size());
    const SteadyTime now = SystemClock().Steady();
    if (progress && now - told >= kTellEvery) {
      told = now;
      progress(done, size);
    }
  };
  if (size < kWorthAThread) {
    std::string buffer;
    for (auto bytes = ReadBlock(from, buffer); !bytes.empty() && done <= size;
         bytes = ReadBlock(from, buffer)) {
      if (stop.stop_requested()) return std::nullopt;
      WriteAll(to.fd, bytes, to.name);
      take(bytes);
    }
    return sha.FinishHex();
  }
  Writer writer(to);
  while (done <= size) {
    if (stop.stop_requested()) return std::nullopt;
    std::string& block = writer.Next();
    const std::string_view bytes = ReadBlock(from, block);
    if (bytes.empty()) break;
    writer.Filled(bytes.size());
    take(bytes);
  }
  writer.Close();
  return sha.FinishHex();
}

}  // namespace failgate
