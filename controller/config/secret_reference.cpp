#include "controller/config/secret_reference.h"

#include "controller/base/durable_file.h"
#include "controller/base/error.h"
#include "controller/base/text.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxSecretBytes = std::size_t{64} << 10U;
constexpr const char* kCode = "secret_unreadable";

Refusal Unreadable(const SecretReference& reference, const std::string& why) {
  return Refusal{kCode, "the secret in " + Describe(reference) + " cannot be used: " + why};
}

}  // namespace

std::string Describe(const SecretReference& reference) {
  if (!reference.env.empty()) return "environment variable " + reference.env;
  return "file " + OneLine(reference.file.string());
}

Result<Secret> ReadSecret(const SecretReference& reference, const EnvironmentLookup& environment) {
  std::string value;
  if (!reference.env.empty()) {
    const std::optional<std::string> found = environment(reference.env);
    if (!found) return Unreadable(reference, "it is not set");
    value = *found;
  } else {
    try {
      value = ReadFile(reference.file, kMaxSecretBytes);
    } catch (const Error& error) {
      return Unreadable(reference, error.what());
    }
  }
  if (!value.empty() && value.back() == '\n') value.pop_back();
  if (!value.empty() && value.back() == '\r') value.pop_back();
  if (value.empty()) return Unreadable(reference, "it is empty");
  if (value.size() > kMaxSecretBytes) return Unreadable(reference, "it is larger than 64 KiB");
  if (value.find_first_of(std::string_view("\0\r\n", 3)) != std::string::npos) {
    return Unreadable(reference, "it has more than one line or a NUL byte");
  }
  Secret secret(std::move(value));
  RegisterSecret(secret);
  return secret;
}

}  // namespace failgate
