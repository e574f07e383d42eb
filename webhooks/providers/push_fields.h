// What the push payloads of forges have in common, read under one set of caps.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "controller/base/result.h"
#include "webhooks/delivery.h"
#include "webhooks/event.h"
#include "webhooks/payload.h"

namespace failgate {

inline constexpr std::size_t kMaxNameBytes = 1024;
inline constexpr std::size_t kMaxUrlBytes = 2048;
inline constexpr std::size_t kMaxMessageWordBytes = 64;

/// Notes the URL at `path` as seen, when there is one.
void NoteRepositoryUrl(Payload& payload,
                       Payload::Path path,
                       SeenRepositoryUrl::Use use,
                       ParsedDelivery& delivery);

/// False for a repository name that would leave a folder if someone joined it to a path.
[[nodiscard]] bool HasSafeRepositoryName(Payload& payload, Payload::Path path);

/// Reads ref, before, after and the size of commits at the top of the payload, and completes
/// `delivery`, whose repository URLs are already noted. 422 when anything needed is missing or of
/// the wrong shape.
[[nodiscard]] Result<ParsedDelivery, HookAnswer> CompletePush(Payload& payload,
                                                              ParsedDelivery delivery);

}  // namespace failgate
