// How a connection sends answers and streams. Private to connection.cpp.
#pragma once

#include <array>
#include <boost/asio/write.hpp>

#include "controller/api/connection_session.h"
#include "controller/api/response_head.h"

namespace failgate {

inline constexpr std::size_t kJoinedBodyBytes = std::size_t{4} << 10U;  // one buffer is cheaper
inline constexpr std::size_t kSlowestAnswerBytesPerMs = 16;  // what a reader must take at least
inline constexpr std::size_t kMaxIgnoredBytes = std::size_t{64}
                                                << 10U;  // from the client of a stream

template <typename Stream>
void StreamConnection<Stream>::Refuse(int status) {
  close_after_ = true;
  if (status == 503) {
    loop_.front().counters.budget_refusals.fetch_add(1, std::memory_order_relaxed);
    Answer(StatusResponse(503, {{"Retry-After", "1"}}));
    return;
  }
  Answer(StatusResponse(status));
}

template <typename Stream>
void StreamConnection<Stream>::Deliver(std::uint64_t exchange, HttpResponse response) {
  if (state_ == State::kHandling && exchange == exchange_) {
    Answer(std::move(response));
  }
}

template <typename Stream>
void StreamConnection<Stream>::Answer(HttpResponse response) {
  state_ = State::kWriting;
  ++exchange_;
  close_after_ = close_after_ || response.close || loop_.stopping();
  loop_.front().counters.CountAnswer(response.status);
  const bool has_no_body = response.status == 204 || response.status == 304;
  out_head_ = SerializeResponseHead(
      response, {response.body.size(), !close_after_, http_1_1_}, loop_.HttpDate());
  out_body_ = head_only_ || has_no_body ? std::string() : std::move(response.body);
  const Milliseconds slowest(static_cast<long long>(out_body_.size() / kSlowestAnswerBytesPerMs));
  loop_.Move(*this, Phase::kBusy, In(options_.request_deadline + slowest));
  if (out_body_.size() <= kJoinedBodyBytes) {
    out_head_ += out_body_;
    out_body_.clear();
  }
  writing_ = true;
  auto written = [self = Self()](const ErrorCode& ec, std::size_t) {
    self->writing_ = false;
    if (self->state_ != State::kWriting) {
      return;
    }
    ec ? self->Close() : self->OnAnswered();
  };
  if (out_body_.empty()) {
    boost::asio::async_write(stream_, boost::asio::buffer(out_head_), std::move(written));
    return;
  }
  const std::array<boost::asio::const_buffer, 2> both = {boost::asio::buffer(out_head_),
                                                         boost::asio::buffer(out_body_)};
  boost::asio::async_write(stream_, both, std::move(written));
}

template <typename Stream>
void StreamConnection<Stream>::OnAnswered() {
  std::string().swap(out_body_);
  reader_.reset();
  if (close_after_ || loop_.stopping()) {
    EndAfterAnswer();
    return;
  }
  BecomeIdle();
}

template <typename Stream>
void StreamConnection<Stream>::DeliverStream(std::uint64_t exchange,
                                             HttpResponse head,
                                             std::shared_ptr<StreamBuffer> stream) {
  if (state_ != State::kHandling || exchange != exchange_ || loop_.stopping()) {
    stream->MarkClosed();
    if (state_ == State::kHandling && exchange == exchange_) {
      Refuse(503);
    }
    return;
  }
  ++exchange_;
  state_ = State::kStreaming;
  reader_.reset();
  events_ = std::move(stream);
  drained_ = 0;
  loop_.front().counters.CountAnswer(head.status);
  loop_.front().counters.streams.fetch_add(1, std::memory_order_relaxed);
  out_head_ = SerializeResponseHead(head, {std::nullopt, false, http_1_1_}, loop_.HttpDate());
  loop_.Move(*this, Phase::kBusy, In(options_.request_deadline));
  writing_ = true;
  boost::asio::async_write(
      stream_, boost::asio::buffer(out_head_), [self = Self()](const ErrorCode& ec, std::size_t) {
        self->OnStreamWritten(ec);
      });
  buffer_.Clear();
  Read();  // only to learn that the client has gone
}

template <typename Stream>
void StreamConnection<Stream>::OnStreamWritten(const ErrorCode& ec) {
  writing_ = false;
  if (state_ != State::kStreaming) {
    return;
  }
  if (ec) {
    Close();
    return;
  }
  loop_.Move(*this, Phase::kBusy, SteadyTime::max());
  FlushStream();
}

template <typename Stream>
void StreamConnection<Stream>::FlushStream() {
  if (state_ != State::kStreaming) {
    return;
  }
  if (writing_) {
    // A slow client is dropped in the middle of a write; everything else waits for its end.
    if (events_->dropped()) {
      loop_.front().counters.streams_dropped.fetch_add(1, std::memory_order_relaxed);
      Close();
    }
    return;
  }
  StreamBuffer::Turn turn = events_->NextTurn();
  if (turn.dropped) {
    loop_.front().counters.streams_dropped.fetch_add(1, std::memory_order_relaxed);
    Close();
    return;
  }
  if (turn.bytes.empty()) {
    if (turn.ended) {
      EndStream();
      Linger();
    }
    return;
  }
  out_body_ = std::move(turn.bytes);
  writing_ = true;
  loop_.Move(*this, Phase::kBusy, In(options_.request_deadline));
  boost::asio::async_write(
      stream_, boost::asio::buffer(out_body_), [self = Self()](const ErrorCode& ec, std::size_t) {
        self->OnStreamWritten(ec);
      });
}

template <typename Stream>
void StreamConnection<Stream>::EndStream() {
  if (events_ != nullptr) {
    events_->MarkClosed();
    events_.reset();
    loop_.front().counters.streams.fetch_sub(1, std::memory_order_relaxed);
  }
}

}  // namespace failgate
