// Data that can be reached only through its lock.
#pragma once

#include <condition_variable>
#include <mutex>
#include <utility>

namespace failgate {

/// `guarded.Lock()->member` locks for the expression; keep the Access object to hold the lock
/// longer. Never hold an Access over network, git, process or callback.
template <typename T>
class Guarded {
 public:
  template <typename... Args>
  explicit Guarded(Args&&... args) : value_(std::forward<Args>(args)...) {}
  Guarded(const Guarded&) = delete;
  Guarded& operator=(const Guarded&) = delete;

  class Access {
   public:
    T* operator->() { return value_; }
    T& operator*() { return *value_; }
    /// For condition_variable_any::wait and friends.
    std::unique_lock<std::mutex>& lock() { return lock_; }

   private:
    friend class Guarded;
    Access(std::mutex& mutex, T& value) : lock_(mutex), value_(&value) {}
    std::unique_lock<std::mutex> lock_;
    T* value_;
  };

  [[nodiscard]] Access Lock() { return Access(mutex_, value_); }
  /// For const methods; the data may still be changed through it, as with a mutable member.
  [[nodiscard]] Access Lock() const { return Access(mutex_, value_); }

 private:
  mutable std::mutex mutex_;
  mutable T value_;
};

}  // namespace failgate
