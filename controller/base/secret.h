// Secrets: values that cannot be printed by accident, and the one place that removes them from
// text.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace failgate {

/// No operator<<, no JSON form, no comparison: Reveal() is the only way to the bytes.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}
  [[nodiscard]] const std::string& Reveal() const { return value_; }
  [[nodiscard]] bool empty() const { return value_.empty(); }

 private:
  std::string value_;
};

/// Remembers a secret so that Redact removes it (and its base64, base64url, percent-encoded form)
/// from then on. Values shorter than 6 bytes are not remembered. Thread-safe.
void RegisterSecret(const Secret& secret);
/// Replaces every registered secret and the credentials part of URLs by "***". Thread-safe. The
/// log, errors of children, step logs, API answers and facts all pass through it.
[[nodiscard]] std::string Redact(std::string_view text);

}  // namespace failgate
