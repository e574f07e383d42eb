#include "webhooks/providers/plain_push.h"

#include <optional>
#include <utility>

#include "controller/base/text.h"
#include "webhooks/payload.h"
#include "webhooks/providers/push_fields.h"

namespace failgate {
namespace {

constexpr std::string_view kPush = "push";
constexpr std::string_view kPushEnd = ".push";

bool IsPush(std::string_view type) {
  return type == kPush ||
         (type.size() > kPushEnd.size() && type.substr(type.size() - kPushEnd.size()) == kPushEnd);
}

/// The fields wherever they stand; `data` is where they are looked for first.
class PlainFields {
 public:
  explicit PlainFields(Payload& payload)
      : payload_(payload), in_data_(payload.HasObject({"data"})) {}
  std::optional<std::string_view> Text(std::string_view name, std::size_t max_bytes) {
    return in_data_ ? payload_.Text({"data", name}, max_bytes) : payload_.Text({name}, max_bytes);
  }
  std::optional<bool> Flag(std::string_view name) {
    return in_data_ ? payload_.Flag({"data", name}) : payload_.Flag({name});
  }

 private:
  Payload& payload_;
  bool in_data_;
};

}  // namespace

Result<ParsedDelivery, HookAnswer> ReadPlainPush(std::string_view body, std::string delivery_id) {
  auto payload = Payload::Read(body, {"data"});
  if (!payload) {
    return payload.error();
  }
  ParsedDelivery parsed;
  parsed.delivery_id = std::move(delivery_id);
  const std::optional<std::string_view> type = payload->Text({"type"}, kMaxNameBytes);
  parsed.event_name = OneLine(type.value_or(kPush), kMaxMessageWordBytes);
  if (payload->usable() && type && !IsPush(*type)) {
    parsed.ignored_because = "the event is not one this webhook acts on";
    return parsed;
  }
  PlainFields fields(*payload);
  const std::optional<std::string_view> ref = fields.Text("ref", kMaxRefBytes);
  const std::optional<std::string_view> before = fields.Text("before", kMaxObjectIdBytes);
  std::optional<std::string_view> after = fields.Text("after", kMaxObjectIdBytes);
  const std::optional<std::string_view> repository = fields.Text("repository", kMaxUrlBytes);
  const std::optional<std::string_view> sender = fields.Text("sender", kMaxNameBytes);
  if (fields.Flag("deleted").value_or(false)) {
    if (after && !IsZeroObjectId(*after)) {
      return UnusableAnswer("the ref is said to be deleted and yet to be somewhere");
    }
    after = kNoObject;
  }
  parsed.sender = OneLine(sender.value_or(""), kMaxMessageWordBytes);
  parsed.any_repository = !repository;
  if (repository) {
    parsed.repository_urls.push_back(
        SeenRepositoryUrl{SeenRepositoryUrl::Use::kClone, ParseRepositoryUrl(*repository)});
  }
  PushedRefs refs;
  if (ref) {
    refs.Add(*ref, before, after);
  }
  return refs.Complete(*payload, std::move(parsed));
}

}  // namespace failgate
