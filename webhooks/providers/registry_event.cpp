#include "webhooks/providers/registry_event.h"

#include <algorithm>
#include <string>
#include <utility>

namespace failgate {
namespace {

constexpr std::size_t kMaxTagBytes = 128;

bool IsNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.' || c == '-';
}

bool IsTag(std::string_view tag) {
  return !tag.empty() && tag.size() <= kMaxTagBytes && tag.front() != '.' && tag.front() != '-' &&
         std::all_of(tag.begin(), tag.end(), IsNameCharacter);
}

}  // namespace

void AddImagePush(std::string_view repository,
                  std::string_view tag,
                  std::vector<ImagePush>& pushes) {
  const bool named = !repository.empty() && repository.size() <= kMaxImageNameBytes &&
                     std::all_of(repository.begin(), repository.end(), [](char c) {
                       return c == '/' || IsNameCharacter(c);
                     });
  if (!named || !IsTag(tag)) {
    return;
  }
  ImagePush push{std::string(repository), std::string(tag)};
  if (std::find(pushes.begin(), pushes.end(), push) == pushes.end()) {
    pushes.push_back(std::move(push));
  }
}

ParsedDelivery WithImagePushes(ParsedDelivery delivery,
                               std::vector<ImagePush> pushes,
                               std::string_view ignored_because) {
  delivery.kind = pushes.empty() ? ParsedDelivery::Kind::kIgnored : ParsedDelivery::Kind::kPush;
  if (pushes.empty()) {
    delivery.ignored_because = ignored_because;
  }
  delivery.image_pushes = std::move(pushes);
  return delivery;
}

}  // namespace failgate
