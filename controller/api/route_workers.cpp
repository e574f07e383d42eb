#include "controller/api/route_workers.h"

namespace failgate {

RouteWorkers::RouteWorkers(int threads, std::size_t max_waiting) : max_waiting_(max_waiting) {
  for (int i = 0; i < threads; ++i) {
    threads_.emplace_back([this] { Run(); });
  }
}

RouteWorkers::~RouteWorkers() {
  Stop();
}

bool RouteWorkers::Post(std::function<void()> work) {
  {
    auto state = state_.Lock();
    if (state->stopped || state->waiting.size() >= max_waiting_) {
      return false;
    }
    state->waiting.push_back(std::move(work));
  }
  changed_.notify_one();
  return true;
}

void RouteWorkers::Stop() {
  state_.Lock()->stopped = true;
  changed_.notify_all();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) {
      thread.join();
    }
  }
}

void RouteWorkers::Run() {
  while (true) {
    std::function<void()> work;
    {
      auto state = state_.Lock();
      changed_.wait(state.lock(), [&] { return state->stopped || !state->waiting.empty(); });
      if (state->waiting.empty()) {
        return;
      }
      work = std::move(state->waiting.front());
      state->waiting.pop_front();
    }
    work();
  }
}

}  // namespace failgate
