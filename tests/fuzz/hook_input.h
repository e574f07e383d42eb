// How the bytes of a fuzzer become webhook requests, and what must hold of every answer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "webhooks/provider.h"

namespace failgate {

/// The body is everything but the last byte, which chooses among variants (a seed that is a text
/// file ends with a line feed: the first variant).
struct HookInput {
  std::string body;
  unsigned variant = 0;
};
[[nodiscard]] HookInput SplitHookInput(const std::uint8_t* data, std::size_t size);

/// The whole way of a request whose proof is right. Ends the program when an answer breaks its
/// contract.
void FuzzVerified(const Provider& provider, RawDelivery request);
/// `input` as the value of every header that is read before or after the proof.
void FuzzHeaders(const Provider& provider, RawDelivery request, std::string_view input);

}  // namespace failgate
