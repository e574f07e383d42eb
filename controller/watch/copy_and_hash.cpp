#include "controller/watch/copy_and_hash.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <condition_variable>
#include <cstdlib>
#include <exception>
#include <memory>
#include <new>
#include <string_view>
#include <thread>

#include "controller/base/clock.h"
#include "controller/base/digest.h"
#include "controller/base/durable_file.h"
#include "controller/base/error.h"
#include "controller/base/guarded.h"

namespace failgate {
namespace {

constexpr std::size_t kBlock = std::size_t{2} << 20U;
constexpr std::size_t kBlocks = 4;
/// What O_DIRECT asks of addresses, offsets and sizes on every disk we know.
constexpr std::size_t kPage = 4096;
/// Smaller files are not worth a thread.
constexpr long long kWorthAThread = 8LL << 20U;
constexpr std::chrono::seconds kTellEvery{1};

/// Memory that begins at a page.
class Block {
 public:
  Block() : bytes_(static_cast<char*>(std::aligned_alloc(kPage, kBlock))) {
    if (!bytes_) throw std::bad_alloc();
  }
  [[nodiscard]] char* data() { return bytes_.get(); }

 private:
  struct Free {
    void operator()(char* bytes) const { std::free(bytes); }
  };
  std::unique_ptr<char, Free> bytes_;
};

/// Bytes read at once; empty at the end of the file.
std::string_view ReadBlock(const NamedDescriptor& from, Block& block) {
  std::size_t filled = 0;
  while (filled < kBlock) {
    const ssize_t count = read(from.fd, block.data() + filled, kBlock - filled);
    if (count == 0) break;
    if (count > 0) {
      filled += static_cast<std::size_t>(count);
    } else if (errno != EINTR) {
      throw ErrnoError("reading", from.name, errno);
    }
  }
  return {block.data(), filled};
}

/// Past the page cache where the file system can do that: gigabytes that nobody reads soon would
/// push out what others need, and be copied once more on the way.
class DirectFile {
 public:
  DirectFile(const NamedDescriptor& file, long long size) : file_(file) {
    // Only a hint: a full disk is told of by the write.
    static_cast<void>(fallocate(file_.fd, FALLOC_FL_KEEP_SIZE, 0, size));
    Switch(true);
  }
  void Write(std::string_view bytes) {
    if (direct_ && bytes.size() % kPage != 0) Switch(false);  // the end of the file
    while (!bytes.empty()) {
      const ssize_t count = write(file_.fd, bytes.data(), bytes.size());
      if (count >= 0) {
        bytes.remove_prefix(static_cast<std::size_t>(count));
        if (direct_ && static_cast<std::size_t>(count) % kPage != 0) Switch(false);
      } else if (errno == EINVAL && direct_) {
        Switch(false);  // it said that it could
      } else if (errno != EINTR) {
        throw ErrnoError("writing", file_.name, errno);
      }
    }
  }

 private:
  void Switch(bool direct) {
    const int flags = fcntl(file_.fd, F_GETFL);
    direct_ = flags >= 0 &&
              fcntl(file_.fd, F_SETFL, direct ? flags | O_DIRECT : flags & ~O_DIRECT) == 0 &&
              direct;
  }
  const NamedDescriptor& file_;
  bool direct_ = false;
};

/// Writes behind the reader's back, a few blocks behind at most.
class Writer {
 public:
  Writer(const NamedDescriptor& to, long long size) : file_(to, size), thread_([this] { Run(); }) {}
  ~Writer() { Finish(); }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  /// The block to read into next; waits until it was written.
  Block& Next() {
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
        file_.Write({blocks_.at(block).data(), sizes_.at(block)});
      } catch (...) {
        failure = std::current_exception();
      }
      auto state = state_.Lock();
      if (failure) state->failure = failure;
      ++state->written;
      changed_.notify_all();
    }
  }

  DirectFile file_;
  std::array<Block, kBlocks> blocks_;
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
    Block buffer;
    for (auto bytes = ReadBlock(from, buffer); !bytes.empty() && done <= size;
         bytes = ReadBlock(from, buffer)) {
      if (stop.stop_requested()) return std::nullopt;
      WriteAll(to.fd, bytes, to.name);
      take(bytes);
    }
    return sha.FinishHex();
  }
  Writer writer(to, size);
  while (done <= size) {
    if (stop.stop_requested()) return std::nullopt;
    Block& block = writer.Next();
    const std::string_view bytes = ReadBlock(from, block);
    if (bytes.empty()) break;
    writer.Filled(bytes.size());
    take(bytes);
  }
  writer.Close();
  return sha.FinishHex();
}

}  // namespace failgate
