// Memory for request bodies: one bound over all connections, reserved before bytes are read.
#pragma once

#include <atomic>
#include <cstddef>
#include <utility>

namespace failgate {

/// Up to this size a body reserves memory as its bytes come in, so that one who sends slowly holds
/// little; a larger one reserves all it declared before it is read, so that what was begun has room
/// to be finished.
inline constexpr std::size_t kSmallBodyBytes = std::size_t{256} << 10U;

/// Thread-safe. An eighth of the budget is never given to large bodies: however many of them come,
/// an ordinary push has room.
class BodyBudget {
 public:
  explicit BodyBudget(std::size_t limit) : limit_(limit), large_limit_(limit - limit / 8) {}
  /// `held`: what the same body has reserved already.
  [[nodiscard]] bool TryReserve(std::size_t bytes, std::size_t held) {
    const std::size_t bound = held + bytes > kSmallBodyBytes ? large_limit_ : limit_;
    std::size_t used = used_.load(std::memory_order_relaxed);
    do {
      if (used > bound || bytes > bound - used) {
        return false;
      }
    } while (!used_.compare_exchange_weak(used, used + bytes, std::memory_order_relaxed));
    return true;
  }
  void Release(std::size_t bytes) { used_.fetch_sub(bytes, std::memory_order_relaxed); }
  [[nodiscard]] std::size_t used() const { return used_.load(std::memory_order_relaxed); }

 private:
  const std::size_t limit_;
  const std::size_t large_limit_;
  std::atomic<std::size_t> used_{0};
};

/// A part of the budget, given back by the destructor. The budget must outlive it.
class BodyReservation {
 public:
  explicit BodyReservation(BodyBudget& budget) : budget_(&budget) {}
  ~BodyReservation() { budget_->Release(bytes_); }
  BodyReservation(BodyReservation&& other) noexcept
      : budget_(other.budget_), bytes_(std::exchange(other.bytes_, 0)) {}
  BodyReservation& operator=(BodyReservation&& other) noexcept {
    if (this != &other) {
      budget_->Release(bytes_);
      budget_ = other.budget_;
      bytes_ = std::exchange(other.bytes_, 0);
    }
    return *this;
  }
  /// false when the budget has no room; what was reserved stays.
  [[nodiscard]] bool GrowTo(std::size_t bytes) {
    if (bytes > bytes_) {
      if (!budget_->TryReserve(bytes - bytes_, bytes_)) {
        return false;
      }
      bytes_ = bytes;
    }
    return true;
  }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  BodyBudget* budget_;
  std::size_t bytes_ = 0;
};

}  // namespace failgate
