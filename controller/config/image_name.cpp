#include "controller/config/image_name.h"

#include <algorithm>

#include "controller/base/text.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxHost = 253;
constexpr std::size_t kMaxRepository = 255;
constexpr std::size_t kMaxTag = 128;

bool IsLowerOrDigit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool IsTagCharacter(char c) {
  return IsLowerOrDigit(c) || (c >= 'A' && c <= 'Z') || c == '_';
}

/// Letters and digits, joined by ".", "_", "__" or dashes.
bool IsRepositoryPart(std::string_view part) {
  if (part.empty() || !IsLowerOrDigit(part.front()) || !IsLowerOrDigit(part.back())) {
    return false;
  }
  for (std::size_t i = 0; i < part.size();) {
    if (IsLowerOrDigit(part[i])) {
      ++i;
      continue;
    }
    const char joint = part[i];
    std::size_t length = 0;
    while (part[i] == joint) {  // the last character is none
      ++length;
      ++i;
    }
    const bool known =
        joint == '-' || (joint == '.' && length == 1) || (joint == '_' && length <= 2);
    if (!known || !IsLowerOrDigit(part[i])) {
      return false;
    }
  }
  return true;
}

Refusal Bad(std::string_view why) {
  return Refusal{"image_name", std::string(why)};
}

}  // namespace

bool IsRegistryHost(std::string_view text) {
  const std::size_t colon = text.find(':');
  const std::string_view host = text.substr(0, colon);
  if (colon != std::string_view::npos) {
    const auto port = ParseNonNegative(text.substr(colon + 1));
    if (!port || *port == 0 || *port > 65535) {
      return false;
    }
  }
  return !host.empty() && host.size() <= kMaxHost && IsLowerOrDigit(host.front()) &&
         IsLowerOrDigit(host.back()) && std::all_of(host.begin(), host.end(), [](char c) {
           return IsLowerOrDigit(c) || c == '.' || c == '-';
         });
}

bool IsLoopbackHost(std::string_view host) {
  const std::string_view name = host.substr(0, host.find(':'));
  const bool numeric = std::all_of(
      name.begin(), name.end(), [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
  return name == "localhost" || (numeric && name.substr(0, 4) == "127.");
}

Result<ImageName> ParseImageName(std::string_view text) {
  if (text.find("://") != std::string_view::npos) {
    return Bad("write it without a scheme: registry.example.com/ml/churn");
  }
  const std::size_t slash = text.find('/');
  const std::string_view registry = text.substr(0, slash);
  // Without one of these it is the first part of a path, as in "library/debian".
  const bool names_registry =
      registry.find_first_of(".:") != std::string_view::npos || registry == "localhost";
  if (slash == std::string_view::npos || !names_registry || !IsRegistryHost(registry)) {
    return Bad("write registry and path, in lower case: registry.example.com/ml/churn");
  }
  const std::string_view repository = text.substr(slash + 1);
  if (repository.find_first_of(":@") != std::string_view::npos) {
    return Bad("write it without a tag or digest: `tags` says which tags count");
  }
  const auto parts = Split(repository, '/');
  if (repository.size() > kMaxRepository ||
      !std::all_of(parts.begin(), parts.end(), IsRepositoryPart)) {
    return Bad("the path must be of lower-case letters and digits, joined by / . _ or -");
  }
  return ImageName{std::string(registry), std::string(repository)};
}

bool IsImageTag(std::string_view text) {
  return !text.empty() && text.size() <= kMaxTag && IsTagCharacter(text.front()) &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return IsTagCharacter(c) || c == '.' || c == '-';
         });
}

}  // namespace failgate
