// Standard input of a child that is made while its program starts. Only process.cpp uses it.
#pragma once

#include <string>

#include "controller/base/durable_file.h"

namespace failgate {

/// Two connected sockets: writing to one whose reader has gone raises no signal.
struct InputSocket {
  FileDescriptor ours;
  FileDescriptor theirs;
};
[[nodiscard]] InputSocket MakeInputSocket();

/// Feeds a child without ever waiting for it.
class InputWriter {
 public:
  /// Of a child that gets nothing this way.
  InputWriter() = default;
  InputWriter(FileDescriptor socket, std::string text)
      : socket_(std::move(socket)), text_(std::move(text)) {}

  /// Writes what fits; closes behind the last byte, and when the child reads no more.
  void WriteSome();
  /// To be polled for room; -1 when all is written.
  [[nodiscard]] int descriptor() const { return socket_.get(); }

 private:
  FileDescriptor socket_;
  std::string text_;
  std::size_t written_ = 0;
};

}  // namespace failgate
