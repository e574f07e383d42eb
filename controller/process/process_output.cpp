#include "controller/process/process_output.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "controller/base/error.h"

namespace failgate {

OutputPipe MakeOutputPipe() {
  std::array<int, 2> ends = {-1, -1};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) throw ErrnoError("make", "a pipe", errno);
  OutputPipe made{FileDescriptor(ends[0]), FileDescriptor(ends[1])};
  if (fcntl(made.ours.get(), F_SETFL, O_NONBLOCK) != 0) throw ErrnoError("set up", "a pipe", errno);
  return made;
}

bool OutputReader::ReadSome(FileDescriptor& pipe) {
  if (!pipe.valid()) return false;
  std::array<char, 65536> piece;
  const ssize_t got = read(pipe.get(), piece.data(), piece.size());
  if (got < 0) {
    if (errno == EAGAIN || errno == EINTR) return false;
    throw ErrnoError("read", "the output of a child", errno);
  }
  if (got == 0) {
    pipe.Close();
    return false;
  }
  const std::string_view bytes(piece.data(), static_cast<std::size_t>(got));
  const std::size_t kept = std::min(bytes.size(), max_bytes_ - text_.size());
  text_.append(bytes.substr(0, kept));
  truncated_ = truncated_ || kept < bytes.size();
  if (sink_) sink_(bytes);
  return true;
}

}  // namespace failgate
