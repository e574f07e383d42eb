#include "controller/api/connection.h"

#include <algorithm>
#include <boost/asio/write.hpp>
#include <exception>

#include "controller/api/connection_answer.h"
#include "controller/api/connection_end.h"
#include "controller/api/connection_session.h"
#include "controller/base/log.h"

namespace failgate {
namespace {

constexpr std::size_t kBodyBufferBytes = std::size_t{64}
                                         << 10U;  // smaller costs a fifth of the speed
constexpr std::string_view kContinueHead = "HTTP/1.1 100 Continue\r\n\r\n";

}  // namespace

template <typename Stream>
void StreamConnection<Stream>::Start() {
  ErrorCode ec;
  Socket().set_option(Tcp::no_delay(true), ec);
  if constexpr (kTls) {
    state_ = State::kHandshake;
    loop_.Move(*this, Phase::kHead, In(options_.head_deadline));
    stream_.async_handshake(boost::asio::ssl::stream_base::server,
                            [self = Self()](const ErrorCode& error) {
                              if (self->state_ != State::kHandshake) {
                                return;
                              }
                              error ? self->Close() : self->BecomeIdle();
                            });
  } else {
    Read();
  }
}

template <typename Stream>
void StreamConnection<Stream>::Read() {
  if (reading_) {
    return;
  }
  reading_ = true;
  char* const space = buffer_.Space();
  stream_.async_read_some(
      boost::asio::buffer(space, buffer_.space_size()),
      [self = Self()](const ErrorCode& ec, std::size_t count) { self->OnRead(ec, count); });
}

template <typename Stream>
void StreamConnection<Stream>::OnRead(const ErrorCode& ec, std::size_t count) {
  reading_ = false;
  switch (state_) {
    case State::kClosed:
      return;
    case State::kIdle:
    case State::kHead:
    case State::kBody:
      if (ec) {
        Close();  // EOF before the end of a request: nothing of it is processed
        return;
      }
      buffer_.Commit(count);
      Process();
      return;
    case State::kStreaming:
      drained_ += count;
      if (ec || drained_ > kMaxIgnoredBytes) {
        Close();
        return;
      }
      Read();
      return;
    case State::kLinger:
      drained_ += count;
      if (ec) {
        Close();
        return;
      }
      DrainMore();
      return;
    case State::kHandshake:
    case State::kContinue:
    case State::kHandling:
    case State::kWriting:
      return;  // a read from before a timeout's answer: that answer is the last
  }
}

template <typename Stream>
void StreamConnection<Stream>::BecomeIdle() {
  state_ = State::kIdle;
  reader_.reset();
  if (loop_.stopping()) {
    Linger();
    return;
  }
  loop_.Move(*this, Phase::kIdle, In(options_.idle_deadline));
  if (!buffer_.empty()) {
    Process();
    return;
  }
  buffer_.Resize(options_.max_head_bytes);
  Read();
}

template <typename Stream>
void StreamConnection<Stream>::Process() {
  if (state_ == State::kIdle) {
    state_ = State::kHead;
    request_begun_ = loop_.Now();
    loop_.Move(*this, Phase::kHead, request_begun_ + options_.head_deadline);
    reader_.emplace(RequestReader::Limits{options_.max_head_bytes,
                                          options_.max_chunk_extension_bytes,
                                          [this] { return loop_.EndStalledBody(*this); }},
                    loop_.front().budget);
  }
  if (state_ == State::kHead) {
    ProcessHead();
  } else {
    ProcessBody();
  }
}

template <typename Stream>
void StreamConnection<Stream>::ProcessHead() {
  const RequestReader::Progress progress = reader_->ReadHead(buffer_.bytes());
  switch (progress.step) {
    case RequestReader::Step::kNeedMore:
      Read();
      return;
    case RequestReader::Step::kRefused:
      Refuse(reader_->refusal_status());
      return;
    case RequestReader::Step::kHead:
    case RequestReader::Step::kDone:
      break;
  }
  buffer_.Consume(progress.consumed);
  loop_.Move(*this, Phase::kBusy, request_begun_ + options_.request_deadline);
  ParsedHead& parsed = reader_->head();
  parsed.head.remote_address = address;
  parsed.head.tls = kTls;
  close_after_ = !parsed.keep_alive;
  read_whole_ = false;
  http_1_1_ = parsed.http_1_1;
  head_only_ = parsed.head.method == "HEAD";
  Admit();
}

template <typename Stream>
void StreamConnection<Stream>::Admit() {
  Admission admission;
  try {
    admission = loop_.front().handler.Admit(reader_->head().head);
  } catch (const std::exception& error) {
    log::Error("admitting an HTTP request failed", {{"error", error.what()}});
    admission = Admission::Refuse(StatusResponse(500));
  }
  if (admission.refusal) {
    // Unread body bytes would be taken for the next request.
    close_after_ = close_after_ || reader_->has_body();
    Answer(*std::move(admission.refusal));
    return;
  }
  ReadBodyAfter(admission);
}

template <typename Stream>
void StreamConnection<Stream>::ReadBodyAfter(const Admission& admission) {
  if (reader_->head().expectation == ParsedHead::Expectation::kOther) {
    Refuse(417);
    return;
  }
  switch (reader_->AcceptBody(admission.max_body_bytes)) {
    case RequestReader::Step::kRefused:
      Refuse(reader_->refusal_status());
      return;
    case RequestReader::Step::kDone:
      Dispatch();
      return;
    case RequestReader::Step::kHead:
    case RequestReader::Step::kNeedMore:
      break;
  }
  loop_.Move(*this, Phase::kBody, request_begun_ + options_.request_deadline);
  // A body that fits beside a head needs no larger buffer: most deliveries are that small.
  const std::uint64_t declared = reader_->head().head.content_length.value_or(kBodyBufferBytes);
  if (declared > options_.max_head_bytes) {
    buffer_.Resize(std::max(kBodyBufferBytes, options_.max_head_bytes));
  }
  if (reader_->head().expectation == ParsedHead::Expectation::kContinue && buffer_.empty()) {
    SendContinue();
    return;
  }
  state_ = State::kBody;
  ProcessBody();
}

template <typename Stream>
void StreamConnection<Stream>::SendContinue() {
  state_ = State::kContinue;
  writing_ = true;
  boost::asio::async_write(stream_,
                           boost::asio::buffer(kContinueHead),
                           [self = Self()](const ErrorCode& ec, std::size_t) {
                             self->writing_ = false;
                             if (self->state_ != State::kContinue) {
                               return;
                             }
                             if (ec) {
                               self->Close();
                               return;
                             }
                             self->state_ = State::kBody;
                             self->Read();
                           });
}

template <typename Stream>
void StreamConnection<Stream>::ProcessBody() {
  const RequestReader::Progress progress = reader_->ReadBody(buffer_.bytes());
  switch (progress.step) {
    case RequestReader::Step::kRefused:
      Refuse(reader_->refusal_status());
      return;
    case RequestReader::Step::kHead:
    case RequestReader::Step::kNeedMore:
      buffer_.Consume(progress.consumed);
      Read();
      return;
    case RequestReader::Step::kDone:
      buffer_.Consume(progress.consumed);
      Dispatch();
      return;
  }
}

template <typename Stream>
void StreamConnection<Stream>::Dispatch() {
  state_ = State::kHandling;
  read_whole_ = true;
  loop_.Move(*this, Phase::kBusy, SteadyTime::max());
  Responder responder(std::make_unique<LoopResponseSink>(
      loop_.shared_from_this(), weak_from_this(), exchange_, head_only_));
  const std::shared_ptr<HttpConnection> alive = shared_from_this();
  try {
    loop_.front().handler.Handle(reader_->TakeRequest(), std::move(responder));
  } catch (const std::exception& error) {
    // The responder went with the handler and has answered 500.
    log::Error("handling an HTTP request failed", {{"error", error.what()}});
  }
  loop_.WillEndTurn();
}

std::shared_ptr<HttpConnection> MakeConnection(boost::asio::ip::tcp::socket socket,
                                               ConnectionLoop& loop) {
  if (loop.front().tls) {
    return std::make_shared<
        StreamConnection<boost::asio::ssl::stream<boost::asio::ip::tcp::socket>>>(
        loop, std::move(socket), *loop.front().tls);
  }
  return std::make_shared<StreamConnection<boost::asio::ip::tcp::socket>>(loop, std::move(socket));
}

}  // namespace failgate
