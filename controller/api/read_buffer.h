// Bytes received and not yet read; small while idle, large while a body comes in.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>

namespace failgate {

class ReadBuffer {
 public:
  explicit ReadBuffer(std::size_t capacity)
      : storage_(std::make_unique_for_overwrite<char[]>(capacity)), capacity_(capacity) {}

  [[nodiscard]] std::string_view bytes() const { return {storage_.get() + begin_, end_ - begin_}; }
  [[nodiscard]] bool empty() const { return begin_ == end_; }
  [[nodiscard]] std::size_t capacity() const { return capacity_; }
  void Consume(std::size_t count) {
    begin_ += count;
    if (begin_ == end_) {
      begin_ = end_ = 0;
    }
  }
  void Clear() { begin_ = end_ = 0; }

  /// Room behind the bytes, which move to the front first: write there, then Commit. Valid until
  /// the next call of anything else.
  [[nodiscard]] char* Space() {
    if (begin_ > 0) {
      std::memmove(storage_.get(), storage_.get() + begin_, end_ - begin_);
      end_ -= begin_;
      begin_ = 0;
    }
    return storage_.get() + end_;
  }
  [[nodiscard]] std::size_t space_size() const { return capacity_ - (end_ - begin_); }
  void Commit(std::size_t count) { end_ += count; }

  /// Does nothing when the bytes would not fit.
  void Resize(std::size_t capacity) {
    const std::size_t size = end_ - begin_;
    if (capacity == capacity_ || capacity < size) {
      return;
    }
    auto storage = std::make_unique_for_overwrite<char[]>(capacity);
    std::memcpy(storage.get(), storage_.get() + begin_, size);
    storage_ = std::move(storage);
    capacity_ = capacity;
    begin_ = 0;
    end_ = size;
  }

 private:
  std::unique_ptr<char[]> storage_;
  std::size_t capacity_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace failgate
