// Bytes that a recogniser looks at, here and there, without holding them all.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace failgate {

/// Readers decide what they read by what they read; each bounds how much that is.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  [[nodiscard]] virtual long long size() const = 0;
  /// At most `count` bytes from `offset`; fewer only where the bytes end.
  [[nodiscard]] virtual std::string Read(long long offset, std::size_t count) const = 0;
};

/// An open file, which outlives it. Throws Error when the disk fails.
class FileBytes : public ByteSource {
 public:
  FileBytes(int fd, long long size) : fd_(fd), size_(size) {}
  [[nodiscard]] long long size() const override { return size_; }
  [[nodiscard]] std::string Read(long long offset, std::size_t count) const override;

 private:
  int fd_;
  long long size_;
};

/// A text, which outlives it.
class MemoryBytes : public ByteSource {
 public:
  explicit MemoryBytes(std::string_view bytes) : bytes_(bytes) {}
  [[nodiscard]] long long size() const override { return static_cast<long long>(bytes_.size()); }
  [[nodiscard]] std::string Read(long long offset, std::size_t count) const override;

 private:
  std::string_view bytes_;
};

/// `count` (1 to 8) bytes of `bytes` at `at` as a number, the lowest first; 0 where they end.
[[nodiscard]] unsigned long long LittleEndian(std::string_view bytes,
                                              std::size_t at,
                                              std::size_t count);

}  // namespace failgate
