#include "controller/artifacts/formats/byte_source.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "controller/base/durable_file.h"
#include "controller/base/error.h"

namespace failgate {

std::string FileBytes::Read(long long offset, std::size_t count) const {
  if (offset < 0 || offset >= size_) return {};
  std::string bytes(std::min(count, static_cast<std::size_t>(size_ - offset)), '\0');
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t got = pread(fd_,
                              bytes.data() + done,
                              bytes.size() - done,
                              static_cast<off_t>(offset + static_cast<long long>(done)));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw ErrnoError("reading", "an artifact", errno);
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  bytes.resize(done);
  return bytes;
}

std::string MemoryBytes::Read(long long offset, std::size_t count) const {
  if (offset < 0 || offset >= size()) return {};
  return std::string(bytes_.substr(static_cast<std::size_t>(offset), count));
}

unsigned long long LittleEndian(std::string_view bytes, std::size_t at, std::size_t count) {
  if (at > bytes.size() || count > bytes.size() - at) return 0;
  unsigned long long value = 0;
  for (std::size_t i = count; i > 0; --i) {
    value = (value << 8U) | static_cast<unsigned char>(bytes[at + i - 1]);
  }
  return value;
}

}  // namespace failgate
