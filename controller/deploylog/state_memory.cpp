#include "controller/deploylog/state_memory.h"

#include <utility>

namespace failgate {

PairStates StateMemory::Take(const std::optional<CommitId>& base) {
  PairStates states;
  if (head_.has_value() && head_ == base) {
    states.swap(states_);
  }
  states_.clear();
  head_.reset();
  return states;
}

void StateMemory::Keep(const CommitId& head, PairStates used, PairStates others) {
  while (used.size() > kPairs) {
    used.erase(used.begin());
  }
  while (used.size() < kPairs && !others.empty()) {
    used.insert(others.extract(others.begin()));
  }
  head_ = head;
  states_ = std::move(used);
}

}  // namespace failgate
