// One output pipe of a child: bounded memory, always drained. Only process.cpp uses it.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "controller/base/durable_file.h"

namespace failgate {

/// Our end of a pipe (non-blocking) and the child's.
struct OutputPipe {
  FileDescriptor ours;
  FileDescriptor theirs;
};
[[nodiscard]] OutputPipe MakeOutputPipe();

/// Keeps the first bytes of a stream and lets a sink see all of them.
class OutputReader {
 public:
  OutputReader(std::size_t max_bytes, const std::function<void(std::string_view)>& sink)
      : max_bytes_(max_bytes), sink_(sink) {}

  /// One read of a bounded piece from a non-blocking pipe; closes the pipe at its end. False when
  /// there was nothing to read.
  bool ReadSome(FileDescriptor& pipe);
  [[nodiscard]] std::string TakeText() { return std::move(text_); }
  [[nodiscard]] bool truncated() const { return truncated_; }

 private:
  std::size_t max_bytes_;
  const std::function<void(std::string_view)>& sink_;
  std::string text_;
  bool truncated_ = false;
};

}  // namespace failgate
