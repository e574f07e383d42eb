// What the push payloads of forges have in common, read under one set of caps.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/result.h"
#include "webhooks/delivery.h"
#include "webhooks/event.h"
#include "webhooks/payload.h"

namespace failgate {

inline constexpr std::size_t kMaxNameBytes = 1024;
inline constexpr std::size_t kMaxUrlBytes = 2048;
inline constexpr std::size_t kMaxMessageWordBytes = 64;
inline constexpr std::size_t kMaxRefBytes = 255;
inline constexpr std::size_t kMaxObjectIdBytes = 64;
/// For senders that say "absent" in another way.
inline constexpr std::string_view kNoObject = "0000000000000000000000000000000000000000";
/// GitHub sends at most 2,048 commits, the others far less; twice that and some.
inline constexpr std::size_t kMaxCommits = 5000;
/// Refs of one push: GitHub stops at 5,000 branches.
inline constexpr std::size_t kMaxRefUpdates = 5000;

/// Notes the URL at `path` as seen, when there is one.
void NoteRepositoryUrl(Payload& payload,
                       Payload::Path path,
                       SeenRepositoryUrl::Use use,
                       ParsedDelivery& delivery);

/// False for a repository name that would leave a folder if someone joined it to a path.
[[nodiscard]] bool HasSafeRepositoryName(Payload& payload, Payload::Path path);

/// The refs that one push moves, gathered one by one.
class PushedRefs {
 public:
  /// As ReadRefUpdate. One that is unusable makes the whole push so; ignored ones are left out.
  void Add(std::string_view ref,
           std::optional<std::string_view> before,
           std::optional<std::string_view> after);
  /// Makes `delivery` a push of these refs, or kIgnored when none is left. 422 when the payload is
  /// not usable, a ref is not, or nothing says which repository was pushed to.
  [[nodiscard]] Result<ParsedDelivery, HookAnswer> Complete(const Payload& payload,
                                                            ParsedDelivery delivery);

 private:
  std::vector<RefUpdate> updates_;
  std::optional<std::string_view> unusable_because_;
  std::optional<std::string_view> ignored_because_;
};

/// Reads ref, before, after and the size of commits at the top of the payload, and completes
/// `delivery`, whose repository URLs are already noted. 422 when anything needed is missing or of
/// the wrong shape.
[[nodiscard]] Result<ParsedDelivery, HookAnswer> CompletePush(Payload& payload,
                                                              ParsedDelivery delivery);

}  // namespace failgate
