// The promise to answer one request, and the stream an answer may become.
#pragma once

#include <memory>
#include <string>

#include "controller/api/http_message.h"

namespace failgate {

/// Where the bytes of a stream go; implemented by the connection, or by a test. Thread-safe.
class StreamSink {
 public:
  virtual ~StreamSink() = default;
  /// false when the client is gone or was dropped for being slow; nothing is sent then.
  virtual bool Write(std::string bytes) = 0;
  [[nodiscard]] virtual bool closed() const = 0;
  /// Sends what is buffered, then ends the connection. Idempotent.
  virtual void End() noexcept = 0;
};

/// Owner of an open answer, e.g. server-sent events. Movable, thread-safe; the destructor ends it.
class StreamWriter {
 public:
  StreamWriter() = default;  ///< closed
  explicit StreamWriter(std::shared_ptr<StreamSink> sink) : sink_(std::move(sink)) {}
  ~StreamWriter();
  StreamWriter(StreamWriter&&) noexcept = default;
  StreamWriter& operator=(StreamWriter&& other) noexcept;

  /// Queues without blocking. The buffer of a connection is bounded
  /// (HttpServerOptions::stream_buffer_bytes): a client that falls behind is dropped, false from
  /// then on.
  bool Write(std::string bytes) { return sink_ != nullptr && sink_->Write(std::move(bytes)); }
  [[nodiscard]] bool closed() const { return sink_ == nullptr || sink_->closed(); }

 private:
  std::shared_ptr<StreamSink> sink_;
};

/// Where one answer goes; implemented by the connection, or by a test. Exactly one call is made,
/// from any thread.
class ResponseSink {
 public:
  virtual ~ResponseSink() = default;
  virtual void Send(HttpResponse response) = 0;
  virtual StreamWriter StartStream(HttpResponse head) = 0;
};

/// Call-once completion of a request: movable, usable later and from any thread, also after the
/// client or the server has gone. Destroyed unanswered it answers 500.
class Responder {
 public:
  explicit Responder(std::unique_ptr<ResponseSink> sink) : sink_(std::move(sink)) {}
  ~Responder();
  Responder(Responder&&) noexcept = default;
  Responder& operator=(Responder&&) = delete;

  /// A second answer is a failed Check.
  void Send(HttpResponse response);
  /// Status, content type and headers of `head` at once, its body as the first bytes; the answer
  /// ends with the connection. A HEAD request gets the head only and a closed writer.
  [[nodiscard]] StreamWriter StartStream(HttpResponse head);
  [[nodiscard]] bool answered() const { return sink_ == nullptr; }

 private:
  std::unique_ptr<ResponseSink> sink_;
};

}  // namespace failgate
