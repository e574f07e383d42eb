// A connection that only remembers what it was answered. Fake.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "controller/api/responder.h"
#include "controller/base/guarded.h"

namespace failgate {

/// Shared between the test and the sinks given away. Thread-safe.
struct RecordedAnswer {
  Guarded<std::optional<HttpResponse>> response;
  Guarded<std::string> stream;
  Guarded<bool> gone{false};  ///< the client of the stream has left

  [[nodiscard]] int status() const {
    auto known = response.Lock();
    return known->has_value() ? (*known)->status : 0;
  }
  [[nodiscard]] std::string body() const {
    auto known = response.Lock();
    return known->has_value() ? (*known)->body : std::string();
  }
};

class RecordingStream final : public StreamSink {
 public:
  explicit RecordingStream(std::shared_ptr<RecordedAnswer> answer) : answer_(std::move(answer)) {}
  bool Write(std::string bytes) override {
    if (closed()) {
      return false;
    }
    *answer_->stream.Lock() += bytes;
    return true;
  }
  [[nodiscard]] bool closed() const override { return *answer_->gone.Lock(); }
  void End() noexcept override { *answer_->gone.Lock() = true; }

 private:
  std::shared_ptr<RecordedAnswer> answer_;
};

class RecordingSink final : public ResponseSink {
 public:
  explicit RecordingSink(std::shared_ptr<RecordedAnswer> answer) : answer_(std::move(answer)) {}
  void Send(HttpResponse response) override { *answer_->response.Lock() = std::move(response); }
  StreamWriter StartStream(HttpResponse head) override {
    *answer_->stream.Lock() += head.body;
    *answer_->response.Lock() = std::move(head);
    return StreamWriter(std::make_shared<RecordingStream>(answer_));
  }

 private:
  std::shared_ptr<RecordedAnswer> answer_;
};

inline Responder RespondTo(const std::shared_ptr<RecordedAnswer>& answer) {
  return Responder(std::make_unique<RecordingSink>(answer));
}

}  // namespace failgate
