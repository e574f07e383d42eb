// How a fuzz target says that a contract was broken: libFuzzer keeps the input of an abort.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace failgate {

inline void Require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

inline std::string_view TextOf(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

}  // namespace failgate
