// GitLab deliveries with the right token and anything as body.
#include <array>

#include "tests/fuzz/hook_input.h"

namespace {

constexpr const char* kToken = "token of the fuzzer";

const failgate::Provider& Gitlab() {
  static const auto provider =
      std::move(failgate::ProviderByName("gitlab", {failgate::Secret(kToken)})).value();
  return *provider;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::array<const char*, 4> kEvents = {
      "Push Hook", "Tag Push Hook", "System Hook", "Merge Request Hook"};
  const failgate::HookInput input = failgate::SplitHookInput(data, size);
  failgate::RawDelivery request;
  request.headers = {{"Content-Type", "application/json"},
                     {"X-Gitlab-Event", kEvents.at(input.variant % kEvents.size())},
                     {"Idempotency-Key", "1"},
                     {"X-Gitlab-Token", kToken}};
  request.body = input.body;
  failgate::FuzzVerified(Gitlab(), request);
  if (input.variant % 16 == 15) {
    failgate::FuzzHeaders(Gitlab(), request, input.body);
  }
  return 0;
}
