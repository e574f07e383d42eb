#include "controller/base/allocator.h"

#include <sys/types.h>

#include <cstddef>

// As <jemalloc/jemalloc.h> declares it; null where jemalloc is not.
extern "C" int mallctl(const char* name,
                       void* old_value,
                       std::size_t* old_size,
                       void* new_value,
                       std::size_t new_size) __attribute__((weak));

namespace failgate {
namespace {

constexpr ssize_t kKeptMilliseconds = 2000;

// One that refuses costs memory for a while, nothing else.
template <typename T>
void Set(const char* name, T value) {
  static_cast<void>(mallctl(name, nullptr, nullptr, &value, sizeof(value)));
}

}  // namespace

void GiveBackFreedPages() {
  if (mallctl == nullptr) return;
  Set("arenas.dirty_decay_ms", kKeptMilliseconds);
  Set("arena.4096.dirty_decay_ms", kKeptMilliseconds);  // of all arenas there are
  Set("max_background_threads", std::size_t{1});
  Set("background_thread", true);
}

}  // namespace failgate
