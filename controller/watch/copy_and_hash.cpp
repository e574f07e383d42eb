#include "controller/watch/copy_and_hash.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <condition_variable>
#include <cstdlib>
#include <exception>
#include <functional>
#include <memory>
#include <new>
#include <string_view>
#include <thread>
#include <utility>

#include "controller/base/clock.h"
#include "controller/base/digest.h"
#include "controller/base/durable_file.h"
#include "controller/base/error.h"
#include "controller/base/guarded.h"

namespace failgate {
namespace {

constexpr std::size_t kBlock = std::size_t{2} << 20U;
constexpr std::size_t kBlocks = 6;
/// What O_DIRECT asks of addresses, offsets and sizes on every disk we know.
constexpr std::size_t kPage = 4096;
/// Smaller files are not worth two threads.
constexpr long long kWorthThreads = 8LL << 20U;
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

/// One thread reads ahead, one writes, and whoever asks for the next block has it to hash
/// meanwhile: the hash alone is what takes the time.
class Pipeline {
 public:
  Pipeline(const NamedDescriptor& from, const NamedDescriptor& to, long long size)
      : from_(from),
        size_(size),
        file_(to, size),
        reader_([this] { Run([this] { Read(); }); }),
        writer_([this] { Run([this] { Write(); }); }) {}
  ~Pipeline() {
    state_.Lock()->stopped = true;
    changed_.notify_all();
    Join();
  }
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  /// Valid until the next call; empty at the end.
  std::string_view Next() {
    auto state = state_.Lock();
    if (std::exchange(handed_out_, false)) {
      ++state->hashed;
      changed_.notify_all();
    }
    changed_.wait(state.lock(),
                  [&] { return state->read > state->hashed || state->at_end || state->failure; });
    Rethrow(*state);
    if (state->read == state->hashed) return {};
    handed_out_ = true;
    return Bytes(state->hashed);
  }
  /// After the end: all is written when it returns.
  void Close() {
    Join();
    Rethrow(*state_.Lock());
  }

 private:
  struct State {
    std::size_t read = 0;  ///< blocks, as the other two
    std::size_t hashed = 0;
    std::size_t written = 0;
    bool at_end = false;
    bool stopped = false;
    std::exception_ptr failure;
  };
  static void Rethrow(const State& state) {
    if (state.failure) std::rethrow_exception(state.failure);
  }
  std::string_view Bytes(std::size_t number) {
    return {blocks_.at(number % kBlocks).data(), sizes_.at(number % kBlocks)};
  }
  void Join() {
    if (reader_.joinable()) reader_.join();
    if (writer_.joinable()) writer_.join();
  }
  void Run(const std::function<void()>& work) {
    try {
      work();
    } catch (...) {
      auto state = state_.Lock();
      state->failure = std::current_exception();
      state->stopped = true;
      changed_.notify_all();
    }
  }
  void Read() {
    std::size_t bytes = 0;
    long long done = 0;
    do {
      std::size_t number = 0;
      {
        auto state = state_.Lock();
        changed_.wait(state.lock(), [&] {
          return state->stopped || state->read - std::min(state->hashed, state->written) < kBlocks;
        });
        if (state->stopped) return;
        number = state->read % kBlocks;
      }
      bytes = ReadBlock(from_, blocks_.at(number)).size();
      done += static_cast<long long>(bytes);
      auto state = state_.Lock();
      sizes_.at(number) = bytes;
      state->read += bytes > 0 ? 1 : 0;
      state->at_end = bytes == 0 || done > size_;
      changed_.notify_all();
    } while (bytes > 0 && done <= size_);
  }
  void Write() {
    while (true) {
      std::string_view bytes;
      {
        auto state = state_.Lock();
        changed_.wait(state.lock(), [&] {
          return state->stopped || state->read > state->written || state->at_end;
        });
        if (state->stopped || state->read == state->written) return;
        bytes = Bytes(state->written);
      }
      file_.Write(bytes);
      ++state_.Lock()->written;
      changed_.notify_all();
    }
  }

  const NamedDescriptor& from_;
  long long size_;
  DirectFile file_;
  std::array<Block, kBlocks> blocks_;
  std::array<std::size_t, kBlocks> sizes_{};
  bool handed_out_ = false;  ///< of the thread that hashes
  Guarded<State> state_;
  std::condition_variable_any changed_;
  std::thread reader_;
  std::thread writer_;
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
  if (size < kWorthThreads) {
    Block buffer;
    for (auto bytes = ReadBlock(from, buffer); !bytes.empty() && done <= size;
         bytes = ReadBlock(from, buffer)) {
      if (stop.stop_requested()) return std::nullopt;
      WriteAll(to.fd, bytes, to.name);
      take(bytes);
    }
    return sha.FinishHex();
  }
  Pipeline pipeline(from, to, size);
  for (auto bytes = pipeline.Next(); !bytes.empty(); bytes = pipeline.Next()) {
    if (stop.stop_requested()) return std::nullopt;
    take(bytes);
  }
  pipeline.Close();
  return sha.FinishHex();
}

}  // namespace failgate
