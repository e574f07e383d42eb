#include "controller/base/free_memory.h"

#include <malloc.h>

#include <cstddef>

namespace failgate {
namespace {

constexpr std::size_t kWorthReturning = std::size_t{16} << 20U;

}  // namespace

void ReturnFreeMemory() {
  if (mallinfo2().fordblks >= kWorthReturning) {
    malloc_trim(0);
  }
}

}  // namespace failgate
