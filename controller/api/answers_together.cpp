#include "controller/api/answers_together.h"

#include <exception>
#include <utility>

#include "controller/api/kept_answers.h"
#include "controller/base/log.h"

namespace failgate {
namespace {

AnswersTogether::Kept*& OfThisThread() {
  thread_local AnswersTogether::Kept* kept = nullptr;
  return kept;
}

}  // namespace

AnswersTogether::AnswersTogether() : kept_(std::make_unique<Kept>()) {
  OfThisThread() = kept_.get();
}

AnswersTogether::~AnswersTogether() {
  OfThisThread() = nullptr;
  for (auto& [loop, answers] : kept_->of_loops) {
    try {
      loop->Answer(std::move(answers));
    } catch (const std::exception& error) {
      // Out of memory: their connections wait until the server stops.
      log::Error("answers were lost", {{"error", error.what()}});
    }
  }
}

void Answer(const std::shared_ptr<ConnectionLoop>& loop, ConnectionLoop::LateAnswer answer) {
  if (AnswersTogether::Kept* const kept = OfThisThread(); kept != nullptr) {
    kept->of_loops[loop].push_back(std::move(answer));
  } else {
    loop->Answer(std::move(answer));
  }
}

}  // namespace failgate
