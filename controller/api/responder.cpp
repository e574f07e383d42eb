#include "controller/api/responder.h"

#include <exception>
#include <utility>

#include "controller/base/error.h"
#include "controller/base/log.h"

namespace failgate {

StreamWriter::~StreamWriter() {
  if (sink_ != nullptr) {
    sink_->End();
  }
}

StreamWriter& StreamWriter::operator=(StreamWriter&& other) noexcept {
  if (this != &other) {
    if (sink_ != nullptr) {
      sink_->End();
    }
    sink_ = std::move(other.sink_);
  }
  return *this;
}

Responder::~Responder() {
  if (sink_ == nullptr) {
    return;
  }
  try {
    log::Error("a request was dropped without an answer");
    sink_->Send(StatusResponse(500));
  } catch (const std::exception&) {
    // Out of memory: the connection's own deadlines end it. A destructor has nobody to tell.
    sink_.reset();
  }
}

void Responder::Send(HttpResponse response) {
  Check(sink_ != nullptr, "a request is answered once");
  const std::unique_ptr<ResponseSink> sink = std::move(sink_);
  sink->Send(std::move(response));
}

StreamWriter Responder::StartStream(HttpResponse head) {
  Check(sink_ != nullptr, "a request is answered once");
  const std::unique_ptr<ResponseSink> sink = std::move(sink_);
  return sink->StartStream(std::move(head));
}

}  // namespace failgate
