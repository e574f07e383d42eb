// Looking up request headers without being fooled by repeated ones.
#pragma once

#include <string_view>

#include "webhooks/delivery.h"

namespace failgate {

/// All occurrences of one header name, compared without case.
struct FoundHeader {
  int count = 0;
  std::string_view value;  ///< of the first; refers to the headers searched

  [[nodiscard]] bool IsSingle() const { return count == 1; }
};

[[nodiscard]] FoundHeader FindHeader(const HookHeaders& headers, std::string_view name);

/// What the body claims to be.
enum class BodyType { kJson, kForm, kUnsupported };

/// Reads a Content-Type value: application/json or application/x-www-form-urlencoded, with no
/// charset but UTF-8.
[[nodiscard]] BodyType ReadBodyType(std::string_view content_type);

/// The same of a request's first Content-Type header.
[[nodiscard]] BodyType DeclaredBodyType(const HookHeaders& headers);

}  // namespace failgate
