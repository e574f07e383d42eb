// The two doors other threads have to a connection: its next answer, and an open stream.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "controller/api/connection.h"
#include "controller/api/responder.h"
#include "controller/base/guarded.h"

namespace failgate {

/// Bytes between a StreamWriter on any thread and the connection on its loop.
class StreamBuffer final : public StreamSink, public std::enable_shared_from_this<StreamBuffer> {
 public:
  StreamBuffer(std::shared_ptr<ConnectionLoop> loop,
               std::weak_ptr<HttpConnection> connection,
               std::size_t max_bytes);
  bool Write(std::string bytes) override;
  [[nodiscard]] bool closed() const override;
  void End() noexcept override;

  struct Turn {
    std::string bytes;     ///< to be sent now
    bool ended = false;    ///< nothing follows `bytes`
    bool dropped = false;  ///< the client was too slow
  };
  /// For the connection: the bytes of the last turn are out.
  Turn NextTurn();
  [[nodiscard]] bool dropped() const;
  /// For the connection: it is gone.
  void MarkClosed();

 private:
  struct Data {
    std::string pending;
    std::size_t in_flight = 0;
    bool ended = false;
    bool dropped = false;
    bool closed = false;
    bool announced = false;  ///< a flush is on its way to the loop
  };
  void Announce();
  std::shared_ptr<ConnectionLoop> loop_;
  std::weak_ptr<HttpConnection> connection_;
  std::size_t max_bytes_;
  Guarded<Data> data_;
};

/// Carries an answer to the loop; answers no HTTP client could be sent become 500.
class LoopResponseSink final : public ResponseSink {
 public:
  LoopResponseSink(std::shared_ptr<ConnectionLoop> loop,
                   std::weak_ptr<HttpConnection> connection,
                   std::uint64_t exchange,
                   bool head_only);
  void Send(HttpResponse response) override;
  StreamWriter StartStream(HttpResponse head) override;

 private:
  std::shared_ptr<ConnectionLoop> loop_;
  std::weak_ptr<HttpConnection> connection_;
  std::uint64_t exchange_;
  bool head_only_;
};

}  // namespace failgate
