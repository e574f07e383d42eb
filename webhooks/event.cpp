#include "webhooks/event.h"

#include <algorithm>
#include <utility>

#include "controller/base/text.h"

namespace failgate {
namespace {

constexpr std::string_view kBranches = "refs/heads/";
constexpr std::string_view kTags = "refs/tags/";

bool StartsWith(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

bool IsUsableRefName(std::string_view ref) {
  return IsValidRefName(ref) && EscapeControls(ref) == ref;
}

RefReading Unusable(std::string_view reason) {
  return RefReading{RefReading::Kind::kUnusable, {}, reason};
}

RefReading Ignored(std::string_view reason) {
  return RefReading{RefReading::Kind::kIgnored, {}, reason};
}

bool IsZero(std::optional<std::string_view> id) {
  return id && IsZeroObjectId(*id);
}

std::optional<CommitId> Present(std::optional<std::string_view> id) {
  return !id || IsZero(id) ? std::nullopt : std::optional<CommitId>(std::string(*id));
}

bool EndsWithName(const RepositoryUrl& configured, std::string_view name) {
  const std::string path = "/" + ToLower(configured.path);
  const std::string end = "/" + ToLower(name);
  return !name.empty() && path.size() >= end.size() &&
         path.compare(path.size() - end.size(), end.size(), end) == 0;
}

}  // namespace

bool IsAbout(const ParsedDelivery& delivery, const RepositoryUrl& configured) {
  using Use = SeenRepositoryUrl::Use;
  const Use deciding = configured.ssh ? Use::kSsh : Use::kClone;
  const auto& seen = delivery.repository_urls;
  if (seen.empty()) {
    return delivery.any_repository || EndsWithName(configured, delivery.repository_name);
  }
  const bool decided = std::any_of(
      seen.begin(), seen.end(), [&](const SeenRepositoryUrl& one) { return one.use == deciding; });
  return std::any_of(seen.begin(), seen.end(), [&](const SeenRepositoryUrl& one) {
    return (!decided || one.use == deciding) && one.url && SameRepository(*one.url, configured);
  });
}

ParsedDelivery KeepOnlyConfigured(ParsedDelivery delivery,
                                  const std::vector<RepositoryUrl>& configured) {
  if (delivery.kind != ParsedDelivery::Kind::kPush) {
    return delivery;
  }
  const bool known =
      std::any_of(configured.begin(), configured.end(), [&](const RepositoryUrl& repository) {
        return IsAbout(delivery, repository);
      });
  if (!known) {
    delivery.kind = ParsedDelivery::Kind::kIgnored;
    delivery.ignored_because = "its repository is not the one configured here";
  }
  return delivery;
}

ParsedDelivery KeepOnlyImage(ParsedDelivery delivery, std::string_view repository) {
  if (delivery.kind != ParsedDelivery::Kind::kPush) {
    return delivery;
  }
  std::vector<ImagePush>& pushes = delivery.image_pushes;
  pushes.erase(std::remove_if(pushes.begin(),
                              pushes.end(),
                              [&](const ImagePush& push) { return push.repository != repository; }),
               pushes.end());
  if (pushes.empty()) {
    delivery.kind = ParsedDelivery::Kind::kIgnored;
    delivery.ignored_because = "its image is not the one configured here";
  }
  return delivery;
}

RefReading ReadRefUpdate(std::string_view ref,
                         std::optional<std::string_view> before,
                         std::optional<std::string_view> after) {
  if ((after && !IsObjectId(*after)) || (before && !IsObjectId(*before))) {
    return Unusable("before or after is not an object id");
  }
  if (!StartsWith(ref, "refs/")) {
    // What would be an option or no branch at all is an attack, not a short name.
    const bool short_name =
        !StartsWith(ref, "-") && IsUsableRefName(std::string(kBranches).append(ref));
    return short_name ? Ignored("its ref is not a full name") : Unusable("the ref is not valid");
  }
  if (!IsUsableRefName(ref)) {
    return Unusable("the ref is not valid");
  }
  const bool branch = StartsWith(ref, kBranches);
  if (!branch && !StartsWith(ref, kTags)) {
    return Ignored("its ref is neither branch nor tag");
  }
  if (ref.substr((branch ? kBranches : kTags).size()).front() == '-') {
    return Unusable("the ref is not valid");
  }
  if (IsZero(after) && IsZero(before)) {
    return Ignored("the ref was and is absent");
  }
  RefUpdate update;
  update.ref = std::string(ref);
  update.before = Present(before);
  update.after = Present(after);
  update.deleted = IsZero(after);
  return RefReading{RefReading::Kind::kUpdate, std::move(update), {}};
}

}  // namespace failgate
