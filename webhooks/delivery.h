// One webhook request as it came in, and as it is once its sender is proven.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "controller/base/clock.h"

namespace failgate {

/// In the order of the request, names as sent. Values carry no surrounding blanks.
using HookHeaders = std::vector<std::pair<std::string, std::string>>;

/// Untrusted bytes; nobody has been authenticated.
struct RawDelivery {
  HookHeaders headers;
  std::string body;
  TimePoint received_at{};
  std::string path_token = {};  ///< what followed the source in the path; a secret
};

/// A delivery whose sender knows a secret of the receiver. Made by Provider::Verify alone. The body
/// is authentic, its content still untrusted; headers may be unsigned (the event name and id are).
class VerifiedDelivery {
 public:
  [[nodiscard]] const HookHeaders& headers() const { return raw_.headers; }
  [[nodiscard]] const std::string& body() const { return raw_.body; }
  /// For whoever keeps the bytes: body() is empty afterwards.
  [[nodiscard]] std::string TakeBody() { return std::exchange(raw_.body, std::string()); }
  [[nodiscard]] TimePoint received_at() const { return raw_.received_at; }
  /// Which of the receiver's secrets matched, from 0 = current: when 0 is seen again, drop the
  /// others.
  [[nodiscard]] std::size_t secret_index() const { return secret_index_; }

 private:
  friend class Provider;
  VerifiedDelivery(RawDelivery raw, std::size_t secret_index)
      : raw_(std::move(raw)), secret_index_(secret_index) {}
  RawDelivery raw_;
  std::size_t secret_index_;
};

/// What to answer instead of taking the delivery. `code` (snake_case, one per status) and `text`
/// are constants of ours: nothing of the request is in them, so both may be sent and logged as they
/// are.
struct HookAnswer {
  int status = 0;
  std::string code;
  std::string text;
  bool operator==(const HookAnswer&) const = default;
};

/// 200: a try of the connection that proves nothing and changes nothing.
[[nodiscard]] HookAnswer PongAnswer();
/// 400: no sender that speaks the protocol wrote this.
[[nodiscard]] HookAnswer MalformedAnswer(std::string_view text);
/// 401, the same for every cause: a caller learns nothing about how near it was.
[[nodiscard]] HookAnswer UnauthenticatedAnswer();
/// 415: a content type or encoding that the provider does not send.
[[nodiscard]] HookAnswer UnsupportedTypeAnswer(std::string_view text);
/// 422: authentic and well formed, but not of the shape its event has.
[[nodiscard]] HookAnswer UnusableAnswer(std::string_view text);
/// 503: the receiver has no secret and so cannot tell friend from foe.
[[nodiscard]] HookAnswer NoSecretAnswer();

}  // namespace failgate
