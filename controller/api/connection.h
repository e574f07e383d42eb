// One client connection as its event loop sees it. Everything runs on that loop.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <string>

#include "controller/api/http_message.h"
#include "controller/base/clock.h"

namespace failgate {

class ConnectionLoop;
class StreamBuffer;

class HttpConnection : public std::enable_shared_from_this<HttpConnection> {
 public:
  /// Which of the loop's lists it is in: what may be ended for others' sake, see
  /// ConnectionLoop::Evict.
  enum class Phase { kIdle, kHead, kBody, kBusy };
  static constexpr std::size_t kPhases = 4;
  using Place = std::list<std::shared_ptr<HttpConnection>>::iterator;

  virtual ~HttpConnection() = default;
  /// Called once, after it was put into the idle list.
  virtual void Start() = 0;
  /// The deadline has passed.
  virtual void Expire() = 0;
  /// Ends it at once and leaves the loop's lists; nothing more is sent.
  virtual void Close() = 0;
  /// Frees the memory of the body that is coming in: 503, come again.
  virtual void GiveWay() = 0;
  /// Its turn to throw away what its client still sends after the last answer.
  virtual void DrainOnce() = 0;
  /// The server stops: end when the answer under way is out.
  virtual void Drain() = 0;
  /// The answer to the request numbered `exchange`; late ones (the connection went on) are dropped.
  virtual void Deliver(std::uint64_t exchange, HttpResponse response) = 0;
  virtual void DeliverStream(std::uint64_t exchange,
                             HttpResponse head,
                             std::shared_ptr<StreamBuffer> stream) = 0;
  /// The stream has bytes to send, has ended or was dropped.
  virtual void FlushStream() = 0;

  SteadyTime deadline = SteadyTime::max();
  Phase phase = Phase::kIdle;
  Place place;          ///< in the list of `phase`
  std::string address;  ///< of the client, as text
  std::string network;  ///< NetworkOf(address)
};

/// TLS when the loop's server has a TLS context.
[[nodiscard]] std::shared_ptr<HttpConnection> MakeConnection(boost::asio::ip::tcp::socket socket,
                                                             ConnectionLoop& loop);

}  // namespace failgate
