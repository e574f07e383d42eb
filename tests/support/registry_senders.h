// Deliveries of registries, proven as each of them does.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tests/support/hook_requests.h"

namespace failgate {

struct TestRegistry {
  std::string word;
  std::string secret;
  std::string other_secret;
  std::string push;  ///< fixture: ml/churn:v1.2 was pushed
  std::string content_type;
};

[[nodiscard]] const std::vector<TestRegistry>& TestRegistries();
[[nodiscard]] const TestRegistry& TestRegistryOf(std::string_view word);
/// With the sender's secret, or another one.
[[nodiscard]] RawDelivery Proven(const TestRegistry& registry, std::string body);
[[nodiscard]] RawDelivery ProvenBy(const TestRegistry& registry,
                                   const std::string& secret,
                                   std::string body);
/// "/hooks/WORD", with the token behind it where that is the proof.
[[nodiscard]] std::string HookPathOf(const TestRegistry& registry, const RawDelivery& request);

/// As Receive of hook_requests.h, for a source of that repository.
[[nodiscard]] HookOutcome ReceiveImage(const TestRegistry& registry,
                                       const RawDelivery& request,
                                       std::string_view repository = "ml/churn");

}  // namespace failgate
