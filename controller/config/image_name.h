// The name of a container image without tag: which registry, and which repository there.
#pragma once

#include <string>
#include <string_view>

#include "controller/base/result.h"

namespace failgate {

struct ImageName {
  std::string registry;    ///< "registry.example.com" or "localhost:5000"
  std::string repository;  ///< "ml/churn"
  bool operator==(const ImageName&) const = default;
  [[nodiscard]] std::string text() const { return registry + "/" + repository; }
};

/// REGISTRY[:PORT]/PATH in lower case, as the distribution specification writes repositories.
/// Refused (`image_name`, one sentence): a scheme, a tag, a digest, a user, no registry.
[[nodiscard]] Result<ImageName> ParseImageName(std::string_view text);

/// A letter, digit or '_', then at most 127 of these, '.' and '-'.
[[nodiscard]] bool IsImageTag(std::string_view text);

/// Lower-case host name or IPv4 address, with a port or without.
[[nodiscard]] bool IsRegistryHost(std::string_view text);
/// Whether what is sent to that host stays on this machine.
[[nodiscard]] bool IsLoopbackHost(std::string_view host);

}  // namespace failgate
