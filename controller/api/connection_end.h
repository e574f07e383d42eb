// How a connection ends: deadlines, stop of the server, the last bytes. Private to connection.cpp.
#pragma once

#include "controller/api/connection_session.h"

namespace failgate {

inline constexpr std::size_t kMaxDrainedBytes = std::size_t{8} << 20U;

template <typename Stream>
void StreamConnection<Stream>::Expire() {
  if (state_ == State::kHead || state_ == State::kBody) {
    Refuse(408);
    return;
  }
  if (state_ == State::kStreaming) {
    loop_.front().counters.streams_dropped.fetch_add(1, std::memory_order_relaxed);
  }
  Close();
}

template <typename Stream>
void StreamConnection<Stream>::GiveWay() {
  if (state_ != State::kBody) {
    Close();
    return;
  }
  reader_.reset();
  Refuse(503);
}

template <typename Stream>
void StreamConnection<Stream>::Drain() {
  close_after_ = true;
  if (events_ != nullptr) {
    events_->End();
  }
}

/// A close resets the connection only when something of the client's is unread. Where nothing is,
/// it is all a client without keep-alive needs, and spares each of them a shutdown and two more
/// reads.
template <typename Stream>
void StreamConnection<Stream>::EndAfterAnswer() {
  if constexpr (!kTls) {
    ErrorCode ec;
    if (read_whole_ && buffer_.empty() && Socket().available(ec) == 0 && !ec) {
      Close();
      return;
    }
  }
  Linger();
}

/// After the last answer: say so, then take what the client still sends, or its reset would
/// overtake the answer.
template <typename Stream>
void StreamConnection<Stream>::Linger() {
  state_ = State::kLinger;
  drained_ = 0;
  reader_.reset();
  buffer_.Clear();
  loop_.Move(*this, Phase::kBusy, In(options_.linger_deadline));
  if constexpr (kTls) {
    if (!reading_) {
      reading_ = true;
      stream_.async_shutdown([self = Self()](const ErrorCode&) {
        self->reading_ = false;
        if (self->state_ == State::kLinger) {
          self->ShutDown();
        }
      });
      return;
    }
  }
  ShutDown();
}

template <typename Stream>
void StreamConnection<Stream>::ShutDown() {
  ErrorCode ec;
  Socket().shutdown(Tcp::socket::shutdown_send, ec);
  if (ec) {
    Close();
    return;
  }
  DrainMore();
}

template <typename Stream>
void StreamConnection<Stream>::DrainMore() {
  if (drained_ > kMaxDrainedBytes) {
    Close();
  } else if (drained_ == 0) {
    DrainOnce();  // most have sent all: this read is their end
  } else {
    loop_.DrainInTurn(shared_from_this());
  }
}

template <typename Stream>
void StreamConnection<Stream>::DrainOnce() {
  if (state_ != State::kLinger || reading_) {
    return;
  }
  reading_ = true;
  buffer_.Clear();
  char* const space = buffer_.Space();
  // Below TLS: what comes now is thrown away.
  Socket().async_read_some(
      boost::asio::buffer(space, buffer_.space_size()),
      [self = Self()](const ErrorCode& ec, std::size_t count) { self->OnRead(ec, count); });
}

template <typename Stream>
void StreamConnection<Stream>::Close() {
  if (state_ == State::kClosed) {
    return;
  }
  const std::shared_ptr<HttpConnection> alive = shared_from_this();
  state_ = State::kClosed;
  EndStream();
  reader_.reset();
  ErrorCode ec;
  Socket().close(ec);
  loop_.Remove(*this);
}

}  // namespace failgate
