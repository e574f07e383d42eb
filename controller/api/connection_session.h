// A connection over plain TCP or TLS, one code for both. Private to connection.cpp.
#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "controller/api/connection.h"
#include "controller/api/connection_loop.h"
#include "controller/api/connection_request.h"
#include "controller/api/connection_stream.h"
#include "controller/api/read_buffer.h"

namespace failgate {

/// The states are passed from top to bottom; kIdle follows kWriting on a connection kept alive.
enum class ConnectionState {
  kHandshake,
  kIdle,
  kHead,
  kContinue,
  kBody,
  kHandling,
  kWriting,
  kStreaming,
  kLinger,
  kClosed
};

/// One read and one write are under way at most; handlers hold the connection alive.
template <typename Stream>
class StreamConnection final : public HttpConnection {
 public:
  template <typename... Args>
  StreamConnection(ConnectionLoop& loop, Args&&... args)
      : loop_(loop),
        options_(loop.front().options),
        stream_(std::forward<Args>(args)...),
        buffer_(options_.max_head_bytes) {}
  ~StreamConnection() override { EndStream(); }
  StreamConnection(const StreamConnection&) = delete;
  StreamConnection& operator=(const StreamConnection&) = delete;

  void Start() override;
  void Expire() override;
  void Close() override;
  void GiveWay() override;
  void DrainOnce() override;
  void Drain() override;
  void Deliver(std::uint64_t exchange, HttpResponse response) override;
  void DeliverStream(std::uint64_t exchange,
                     HttpResponse head,
                     std::shared_ptr<StreamBuffer> stream) override;
  void FlushStream() override;

 private:
  using Tcp = boost::asio::ip::tcp;
  using TlsStream = boost::asio::ssl::stream<Tcp::socket>;
  using ErrorCode = boost::system::error_code;
  using State = ConnectionState;
  static constexpr bool kTls = std::is_same_v<Stream, TlsStream>;

  /// Keeps the type through shared_from_this for completion handlers.
  std::shared_ptr<StreamConnection> Self() {
    return std::static_pointer_cast<StreamConnection>(shared_from_this());
  }
  Tcp::socket& Socket() {
    if constexpr (kTls) {
      return stream_.next_layer();
    } else {
      return stream_;
    }
  }
  void Read();
  void OnRead(const ErrorCode& ec, std::size_t count);
  void BecomeIdle();
  void Process();
  void ProcessHead();
  void Admit();
  void ReadBodyAfter(const Admission& admission);
  void SendContinue();
  void ProcessBody();
  void Dispatch();
  void Refuse(int status);
  void Answer(HttpResponse response);
  void OnAnswered();
  void OnStreamWritten(const ErrorCode& ec);
  void EndStream();
  void EndAfterAnswer();
  void Linger();
  void ShutDown();
  void DrainMore();
  SteadyTime In(Milliseconds time) const { return loop_.Now() + time; }

  ConnectionLoop& loop_;
  const HttpServerOptions& options_;
  Stream stream_;
  ReadBuffer buffer_;
  State state_ = State::kIdle;
  bool reading_ = false;
  bool writing_ = false;
  bool close_after_ = false;
  bool head_only_ = false;   ///< the request is HEAD
  bool read_whole_ = false;  ///< the request being answered was read to its end
  bool http_1_1_ = true;
  std::uint64_t exchange_ = 0;
  SteadyTime request_begun_{};
  std::optional<RequestReader> reader_;
  std::string out_head_;
  std::string out_body_;
  std::shared_ptr<StreamBuffer> events_;
  std::size_t drained_ = 0;
};

}  // namespace failgate
