#include "controller/process/process_input.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

#include "controller/base/error.h"

namespace failgate {
namespace {

/// Asked for; the kernel's limit (net.core.wmem_max) is often less.
constexpr int kSocketBytes = 1 << 20;

}  // namespace

InputSocket MakeInputSocket() {
  std::array<int, 2> ends = {-1, -1};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    throw ErrnoError("make", "the standard input of a child", errno);
  }
  InputSocket made{FileDescriptor(ends[0]), FileDescriptor(ends[1])};
  if (fcntl(made.ours.get(), F_SETFL, O_NONBLOCK) != 0 ||
      setsockopt(made.ours.get(), SOL_SOCKET, SO_SNDBUF, &kSocketBytes, sizeof kSocketBytes) != 0) {
    throw ErrnoError("set up", "the standard input of a child", errno);
  }
  return made;
}

void InputWriter::WriteSome() {
  while (socket_.valid() && written_ < text_.size()) {
    const ssize_t count =
        send(socket_.get(), text_.data() + written_, text_.size() - written_, MSG_NOSIGNAL);
    if (count >= 0) {
      written_ += static_cast<std::size_t>(count);
    } else if (errno == EAGAIN) {
      return;
    } else if (errno == EPIPE || errno == ECONNRESET) {
      break;  // what it thinks of its input it says by its end
    } else if (errno != EINTR) {
      throw ErrnoError("write", "the standard input of a child", errno);
    }
  }
  socket_.Close();
}

}  // namespace failgate
