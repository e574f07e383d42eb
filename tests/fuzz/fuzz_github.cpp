// GitHub deliveries with a right signature over anything.
#include <array>

#include "controller/base/digest.h"
#include "tests/fuzz/hook_input.h"

namespace {

constexpr const char* kKey = "key of the fuzzer";

const failgate::Provider& Github() {
  static const auto provider =
      std::move(failgate::ProviderByName("github", {failgate::Secret(kKey)})).value();
  return *provider;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::array<const char*, 4> kEvents = {"push", "push", "ping", "pull_request"};
  const failgate::HookInput input = failgate::SplitHookInput(data, size);
  failgate::RawDelivery request;
  request.headers = {
      {"Content-Type",
       input.variant % 8 < 4 ? "application/json" : "application/x-www-form-urlencoded"},
      {"X-GitHub-Event", kEvents.at(input.variant % kEvents.size())},
      {"X-GitHub-Delivery", "1"},
      {"X-Hub-Signature-256",
       "sha256=" + failgate::HexEncode(failgate::HmacSha256(kKey, input.body))}};
  request.body = input.body;
  failgate::FuzzVerified(Github(), request);
  if (input.variant % 16 == 15) {
    failgate::FuzzHeaders(Github(), request, input.body);
  }
  return 0;
}
