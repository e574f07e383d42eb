#include "controller/api/connection_stream.h"

#include <exception>
#include <utility>

#include "controller/api/connection_loop.h"
#include "controller/api/kept_answers.h"
#include "controller/api/response_head.h"
#include "controller/base/log.h"

namespace failgate {
namespace {

HttpResponse Sendable(HttpResponse response) {
  if (IsSendable(response)) {
    return response;
  }
  log::Error("an answer held a header that cannot be sent");
  return StatusResponse(500);
}

}  // namespace

StreamBuffer::StreamBuffer(std::shared_ptr<ConnectionLoop> loop,
                           std::weak_ptr<HttpConnection> connection,
                           std::size_t max_bytes)
    : loop_(std::move(loop)), connection_(std::move(connection)), max_bytes_(max_bytes) {}

bool StreamBuffer::Write(std::string bytes) {
  bool taken = false;
  {
    auto data = data_.Lock();
    if (data->ended || data->dropped || data->closed) {
      return false;
    }
    taken = data->pending.size() + data->in_flight + bytes.size() <= max_bytes_;
    if (taken) {
      data->pending += bytes;
    } else {
      data->dropped = true;
    }
    if (std::exchange(data->announced, true) && taken) {
      return true;
    }
  }
  Announce();
  return taken;
}

bool StreamBuffer::closed() const {
  auto data = data_.Lock();
  return data->ended || data->dropped || data->closed;
}

void StreamBuffer::End() noexcept {
  try {
    {
      auto data = data_.Lock();
      data->ended = true;
      if (std::exchange(data->announced, true)) {
        return;
      }
    }
    Announce();
  } catch (const std::exception&) {
    // Out of memory, in a destructor: the stop of the server ends the connection.
    return;
  }
}

void StreamBuffer::Announce() {
  // The connection is locked on its loop only: its last owner must be there.
  loop_->Post([connection = connection_] {
    if (const std::shared_ptr<HttpConnection> alive = connection.lock()) {
      alive->FlushStream();
    }
  });
}

StreamBuffer::Turn StreamBuffer::NextTurn() {
  auto data = data_.Lock();
  Turn turn;
  turn.dropped = data->dropped;
  turn.ended = data->ended;
  turn.bytes.swap(data->pending);
  data->in_flight = turn.bytes.size();
  data->announced = false;
  return turn;
}

bool StreamBuffer::dropped() const {
  return data_.Lock()->dropped;
}

void StreamBuffer::MarkClosed() {
  data_.Lock()->closed = true;
}

LoopResponseSink::LoopResponseSink(std::shared_ptr<ConnectionLoop> loop,
                                   std::weak_ptr<HttpConnection> connection,
                                   std::uint64_t exchange,
                                   bool head_only)
    : loop_(std::move(loop)),
      connection_(std::move(connection)),
      exchange_(exchange),
      head_only_(head_only) {}

void LoopResponseSink::Send(HttpResponse response) {
  Answer(loop_, {connection_, exchange_, Sendable(std::move(response))});
}

StreamWriter LoopResponseSink::StartStream(HttpResponse head) {
  if (head_only_ || !IsSendable(head)) {
    Send(std::move(head));
    return {};
  }
  auto stream = std::make_shared<StreamBuffer>(
      loop_, connection_, loop_->front().options.stream_buffer_bytes);
  if (!head.body.empty()) {
    stream->Write(std::exchange(head.body, {}));
  }
  loop_->Dispatch(
      [connection = connection_, exchange = exchange_, answer = std::move(head), stream]() mutable {
        const std::shared_ptr<HttpConnection> alive = connection.lock();
        if (alive == nullptr) {
          stream->MarkClosed();
          return;
        }
        alive->DeliverStream(exchange, std::move(answer), std::move(stream));
      });
  return StreamWriter(std::move(stream));
}

}  // namespace failgate
