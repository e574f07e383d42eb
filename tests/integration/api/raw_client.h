// A client that sends exactly the bytes it is told, over TCP or TLS.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "controller/base/durable_file.h"

namespace failgate {

struct RawAnswer {
  int status = 0;
  std::string head;
  std::string body;
};

/// Every read gives up after ten seconds. Not thread-safe.
class RawClient {
 public:
  RawClient(std::uint16_t port, bool tls);
  ~RawClient();
  RawClient(RawClient&&) noexcept;
  RawClient& operator=(RawClient&&) noexcept;

  /// false when the server has closed.
  bool Send(std::string_view bytes);
  /// Ends the sending side.
  void FinishSending();
  /// The next answer by its Content-Length; nullopt at the end of the connection.
  std::optional<RawAnswer> Answer();
  /// At least `count` bytes, or what came until the end.
  std::string Bytes(std::size_t count);
  /// true when the server ends the connection without another byte.
  bool AtEnd();

 private:
  struct Tls;
  bool Fill();
  FileDescriptor fd_;
  std::unique_ptr<Tls> tls_;
  std::string buffer_;
};

/// A self-signed certificate for 127.0.0.1 with its key, both PEM.
struct MadeCertificate {
  std::string certificate;
  std::string key;
};
MadeCertificate MakeCertificate();

}  // namespace failgate
