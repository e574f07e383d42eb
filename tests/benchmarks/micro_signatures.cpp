// SSH signatures over a commit, made and judged in process.
#include <benchmark/benchmark.h>

#include "controller/base/durable_file.h"
#include "controller/base/error.h"
#include "controller/git/allowed_signers.h"
#include "controller/git/signing_key.h"
#include "controller/git/ssh_signature.h"

namespace failgate {
namespace {

struct Signer {
  TemporaryFolder folder;
  SigningKey key = SigningKey::Generate(folder.path() / "key", "benchmark");
  AllowedSigners allowed = AllowedSigners::Parse("controller " + key.PublicLine() + "\n").value();
  std::string payload = std::string(600, 'x');
};

void Sign(benchmark::State& state) {
  const Signer signer;
  for (auto _ : state) {
    benchmark::DoNotOptimize(signer.key.Sign(signer.payload, "git"));
  }
}
BENCHMARK(Sign)->Name("sign a commit/failgate");

void Verify(benchmark::State& state) {
  const Signer signer;
  const std::string signature = signer.key.Sign(signer.payload, "git");
  const TimePoint now = SystemClock().Now();
  for (auto _ : state) {
    const SignatureCheck check =
        VerifySignature(signature, signer.payload, "git", signer.allowed, now);
    Check(check.good(), "the signature is good");
  }
}
BENCHMARK(Verify)->Name("verify a commit/failgate");

}  // namespace
}  // namespace failgate
