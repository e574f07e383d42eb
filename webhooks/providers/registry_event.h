// What the payloads of registries have in common.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "webhooks/event.h"

namespace failgate {

/// Of one delivery; a registry that batches sends fewer.
inline constexpr std::size_t kMaxRegistryEvents = 1000;
inline constexpr std::size_t kMaxImageNameBytes = 512;

/// Adds a push of a tag, once. What is no repository or tag a registry can have is left out: the
/// registry is asked in any case.
void AddImagePush(std::string_view repository,
                  std::string_view tag,
                  std::vector<ImagePush>& pushes);

/// kPush when there are pushes, else ignored for that reason.
[[nodiscard]] ParsedDelivery WithImagePushes(ParsedDelivery delivery,
                                             std::vector<ImagePush> pushes,
                                             std::string_view ignored_because);

}  // namespace failgate
