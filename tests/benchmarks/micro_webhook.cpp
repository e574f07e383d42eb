// One GitHub push of 8 KB: proof and content, against a DOM of the same bytes.
#include <benchmark/benchmark.h>

#include <nlohmann/json.hpp>

#include "controller/base/digest.h"
#include "controller/base/durable_file.h"
#include "controller/base/error.h"
#include "webhooks/provider.h"

namespace failgate {
namespace {

constexpr const char* kKey = "a key that is only used here";
constexpr std::size_t kBytes = 8192;

/// The recorded push with as many commits as fit.
std::string Push() {
  const auto name =
      std::filesystem::path(FAILGATE_SOURCE_DIR) / "tests/data/webhooks/github/push_ordinary.json";
  nlohmann::json push = nlohmann::json::parse(ReadFile(name));
  const nlohmann::json commit = push["commits"][0];
  std::string text = push.dump();
  while (text.size() + commit.dump().size() < kBytes) {
    push["commits"].push_back(commit);
    text = push.dump();
  }
  return text;
}

RawDelivery Delivery() {
  RawDelivery raw;
  raw.body = Push();
  raw.headers = {{"Content-Type", "application/json"},
                 {"X-GitHub-Event", "push"},
                 {"X-GitHub-Delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958"},
                 {"X-Hub-Signature-256", "sha256=" + HexEncode(HmacSha256(kKey, raw.body))}};
  return raw;
}

void VerifyAndParse(benchmark::State& state) {
  const auto provider = std::move(ProviderByName("github", {Secret(kKey)})).value();
  const RawDelivery raw = Delivery();
  for (auto _ : state) {
    const auto verified = provider->Verify(raw);
    const auto parsed = provider->Parse(*verified);
    Check(parsed.has_value() && !parsed->ref_updates.empty(), "the delivery is a push");
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) *
                          static_cast<std::int64_t>(raw.body.size()));
}
BENCHMARK(VerifyAndParse)->Name("8 KB push: HMAC and parse/failgate");

void HmacAndDom(benchmark::State& state) {
  const RawDelivery raw = Delivery();
  for (auto _ : state) {
    benchmark::DoNotOptimize(HmacSha256(kKey, raw.body));
    benchmark::DoNotOptimize(nlohmann::json::parse(raw.body));
  }
}
BENCHMARK(HmacAndDom)->Name("8 KB push: HMAC and parse/nlohmann DOM");

}  // namespace
}  // namespace failgate
