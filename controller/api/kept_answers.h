// What AnswersTogether keeps, and the one way of an answer to its loop. Private to the transport.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "controller/api/answers_together.h"
#include "controller/api/connection_loop.h"

namespace failgate {

struct AnswersTogether::Kept {
  std::map<std::shared_ptr<ConnectionLoop>, std::vector<ConnectionLoop::LateAnswer>> of_loops;
};

/// Kept by the AnswersTogether of this thread, else handed to the loop. Any thread.
void Answer(const std::shared_ptr<ConnectionLoop>& loop, ConnectionLoop::LateAnswer answer);

}  // namespace failgate
