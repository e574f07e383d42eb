// POST /hooks/SOURCE, or /hooks/SOURCE/TOKEN for a sender whose only proof is in the path: from raw
// bytes to a durable delivery, in the order every check has to come.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "controller/api/hook_receiver.h"
#include "controller/api/http_server.h"
#include "controller/api/rate_limiter.h"
#include "controller/store/inbox.h"

namespace failgate {

/// Thread-safe; never waits for the disk but for a changed secret file. The answers are constants:
/// nothing of a request is in them.
class HookHandler {
 public:
  /// `wake_operations`: a delivery about the operations repository is stored. All references must
  /// outlive the inbox's last answer.
  HookHandler(const ServerFile& config,
              const EnvironmentLookup& environment,
              Inbox& inbox,
              std::function<void()> wake_operations,
              const Clock& clock);

  /// Whether the path is under /hooks.
  [[nodiscard]] static bool IsHookPath(std::string_view path);
  /// 404, 405, 429, declared size, 415, 503, 401, in this order.
  [[nodiscard]] Admission Admit(const RequestHead& head);
  /// How many answers of each status each source has got since the start.
  [[nodiscard]] std::map<SourceName, std::map<int, std::uint64_t>> Answers() const;
  /// 401, 400, 422; then 202 once the delivery is durable, or 503. It is written with the next
  /// Write.
  void Handle(HttpRequest request, Responder responder);
  void Write() { inbox_.Write(); }

 private:
  struct Found {
    HookReceiver* receiver = nullptr;
    std::string_view path_token;  ///< of the path; neither logged nor stored
  };
  [[nodiscard]] Found Find(std::string_view path) const;
  void AddReceiver(const SourceName& source,
                   KeepConfigured keep,
                   const std::optional<WebhookSettings>& webhook,
                   const EnvironmentLookup& environment);
  [[nodiscard]] bool IsTooFast(const HookReceiver& receiver, const RequestHead& head);
  [[nodiscard]] static HttpResponse Answered(const HookReceiver& receiver, HttpResponse response);
  void Refuse(const HookReceiver& receiver,
              const HookAnswer& answer,
              const RequestHead& head,
              Responder responder);
  void Store(const HookReceiver& receiver,
             VerifiedDelivery verified,
             const ParsedDelivery& parsed,
             const RequestHead& head,
             Responder responder);

  std::size_t max_body_bytes_;
  Inbox& inbox_;
  std::function<void()> wake_operations_;
  const Clock& clock_;
  RateLimiter failures_;
  RateLimiter by_address_;
  RateLimiter by_source_;
  std::map<std::string, std::unique_ptr<HookReceiver>, std::less<>> receivers_;
};

/// The name under which deliveries of the operations repository are stored.
inline constexpr const char* kOperationsSource = "operations";

}  // namespace failgate
