// Bytes that begin at a page of memory, as a write past the page cache (O_DIRECT) needs them.
#pragma once

#include <cstddef>
#include <new>
#include <string>

namespace failgate {

/// What O_DIRECT wants addresses, offsets and sizes to be multiples of, everywhere.
inline constexpr long long kPageBytes = 4096;

template <typename T>
struct PageAllocator {
  using value_type = T;
  PageAllocator() = default;
  template <typename U>
  PageAllocator(const PageAllocator<U>& /*other*/) noexcept {}  // NOLINT: allocators convert
  T* allocate(std::size_t count) {
    return static_cast<T*>(::operator new (count * sizeof(T), std::align_val_t{kPageBytes}));
  }
  void deallocate(T* bytes, std::size_t /*count*/) noexcept {
    ::operator delete (bytes, std::align_val_t{kPageBytes});
  }
  template <typename U>
  bool operator==(const PageAllocator<U>& /*other*/) const noexcept {
    return true;
  }
};

/// At a page as soon as it is too long to lie within the object, so from one page on always.
using PageBytes = std::basic_string<char, std::char_traits<char>, PageAllocator<char>>;

}  // namespace failgate
