#include "controller/api/hook_handler.h"

#include <algorithm>
#include <array>
#include <utility>

#include "controller/api/answers.h"
#include "controller/api/json.h"
#include "controller/base/digest.h"
#include "controller/base/log.h"
#include "controller/base/secret.h"
#include "controller/base/text.h"

namespace failgate {
namespace {

constexpr std::string_view kHookFolder = "/hooks/";
constexpr const char* kPong = R"({"status":"pong"})";
constexpr std::size_t kMaxStoredHeaderCharacters = 300;
constexpr std::array<std::string_view, 16> kStoredHeaders{
    "Content-Type",
    "User-Agent",
    "X-Request-Id",
    "Idempotency-Key",
    "X-GitHub-Event",
    "X-GitHub-Delivery",
    "X-GitHub-Hook-ID",
    "X-GitHub-Hook-Installation-Target-ID",
    "X-GitHub-Hook-Installation-Target-Type",
    "X-GitHub-Enterprise-Host",
    "X-GitHub-Enterprise-Version",
    "X-Gitlab-Event",
    "X-Gitlab-Event-UUID",
    "X-Gitlab-Webhook-UUID",
    "X-Gitlab-Instance",
    "X-Forwarded-For",
};

HttpResponse StatusAnswer(int status) {
  HeaderFields headers;
  if (status == 503) {
    headers.emplace_back("Retry-After", kRetryAfterSeconds);
  }
  if (status == 429) {
    headers.emplace_back("Retry-After", "1");
  }
  return Secured(StatusResponse(status, std::move(headers)));
}

NewDelivery ToStore(const HookReceiver& receiver,
                    VerifiedDelivery verified,
                    const ParsedDelivery& parsed) {
  NewDelivery delivery;
  delivery.source = receiver.source();
  delivery.provider = receiver.provider_word();
  // Without an id of the sender's each delivery is its own: equal bodies may be different pushes.
  delivery.delivery_id =
      parsed.delivery_id.empty() ? NewUuid(verified.received_at()) : parsed.delivery_id;
  delivery.event_name = parsed.event_name;
  delivery.body_sha256 = Sha256Hex(verified.body());
  delivery.body = verified.TakeBody();
  delivery.headers = StoredHeaders(verified.headers());
  delivery.received_at = verified.received_at();
  const bool push = parsed.kind == ParsedDelivery::Kind::kPush;
  delivery.kind = push ? NewDelivery::Kind::kQueued : NewDelivery::Kind::kIgnored;
  delivery.ignored_because = parsed.ignored_because;
  for (const RefUpdate& update : parsed.ref_updates) {
    delivery.refs.push_back(RefHint{update.ref, update.deleted});
  }
  return delivery;
}

HttpResponse AnswerOf(const AcceptOutcome& outcome) {
  using Kind = AcceptOutcome::Kind;
  switch (outcome.kind) {
    case Kind::kQueued:
      return JsonAnswer(202, TakenJson("delivery", outcome.id, "queued"));
    case Kind::kDuplicate:
      return JsonAnswer(202, TakenJson("delivery", outcome.id, "duplicate"));
    case Kind::kIgnored:
      return JsonAnswer(202, TakenJson("delivery", outcome.id, "ignored"));
    case Kind::kFull:
    case Kind::kFailed:
      break;
  }
  return StatusAnswer(503);
}

}  // namespace

HeaderList StoredHeaders(const HookHeaders& headers) {
  HeaderList stored;
  for (const auto& header : headers) {
    const bool known =
        std::any_of(kStoredHeaders.begin(), kStoredHeaders.end(), [&](std::string_view name) {
          return EqualsIgnoringCase(header.first, name);
        });
    if (known) {
      stored.emplace_back(header.first, OneLine(Redact(header.second), kMaxStoredHeaderCharacters));
    }
  }
  return stored;
}

HookHandler::HookHandler(const ServerFile& config,
                         const EnvironmentLookup& environment,
                         Inbox& inbox,
                         std::function<void()> wake_operations,
                         const Clock& clock)
    : max_body_bytes_(static_cast<std::size_t>(config.limits.max_body_bytes)),
      inbox_(inbox),
      wake_operations_(std::move(wake_operations)),
      clock_(clock),
      failures_(FailureLimiter::Options{}, clock) {
  for (const SourceSettings& source : config.sources) {
    if (source.webhook) {
      receivers_.emplace(source.name.text(),
                         std::make_unique<HookReceiver>(
                             source.name, source.url, *source.webhook, environment, clock));
    }
  }
  if (config.operations.webhook) {
    receivers_.emplace(kOperationsSource,
                       std::make_unique<HookReceiver>(SourceName(kOperationsSource),
                                                      config.operations.url,
                                                      *config.operations.webhook,
                                                      environment,
                                                      clock));
  }
}

bool HookHandler::IsHookPath(std::string_view path) {
  return path.substr(0, kHookFolder.size()) == kHookFolder;
}

HookReceiver* HookHandler::Find(std::string_view path) const {
  // Names need no escapes, so none are read: one spelling a receiver.
  const auto found =
      IsHookPath(path) ? receivers_.find(path.substr(kHookFolder.size())) : receivers_.end();
  return found == receivers_.end() ? nullptr : found->second.get();
}

Admission HookHandler::Admit(const RequestHead& head) {
  HookReceiver* receiver = Find(head.path);
  if (receiver == nullptr) {
    return Admission::Refuse(StatusAnswer(404));
  }
  if (head.method != "POST") {
    return Admission::Refuse(Secured(StatusResponse(405, {{"Allow", "POST"}})));
  }
  if (!failures_.Allows(head.remote_address)) {
    return Admission::Refuse(StatusAnswer(429));
  }
  const std::shared_ptr<const Provider> provider = receiver->Current();
  const std::size_t max_bytes = std::min(provider->MaxBodyBytes(), max_body_bytes_);
  if (head.content_length && *head.content_length > max_bytes) {
    return Admission::Accept(max_bytes);  // the transport's 413 comes before 415 and 401
  }
  const std::optional<HookAnswer> refused = provider->CheckHeaders(head.headers);
  if (refused) {
    if (refused->status == 401) {
      failures_.Fail(head.remote_address);
    }
    return Admission::Refuse(StatusAnswer(refused->status));
  }
  return Admission::Accept(max_bytes);
}

void HookHandler::Handle(HttpRequest request, Responder responder) {
  HookReceiver* receiver = Find(request.path);
  if (receiver == nullptr || request.method != "POST") {
    responder.Send(StatusAnswer(404));
    return;
  }
  const std::shared_ptr<const Provider> provider = receiver->Current();
  RawDelivery raw{request.headers, std::move(request.body), clock_.Now()};
  auto verified = provider->Verify(std::move(raw));
  if (!verified) {
    Refuse(*receiver, verified.error(), request, std::move(responder));
    return;
  }
  auto parsed = provider->Parse(*verified);
  if (!parsed) {
    Refuse(*receiver, parsed.error(), request, std::move(responder));
    return;
  }
  if (parsed->kind == ParsedDelivery::Kind::kPing) {
    responder.Send(JsonAnswer(200, kPong));
    return;
  }
  Store(*receiver,
        *std::move(verified),
        KeepOnlyConfigured(*std::move(parsed), receiver->repositories()),
        request,
        std::move(responder));
}

void HookHandler::Refuse(const HookReceiver& receiver,
                         const HookAnswer& answer,
                         const RequestHead& head,
                         Responder responder) {
  const log::Fields fields{{"source", receiver.source().text()},
                           {"from", head.remote_address},
                           {"code", answer.code},
                           {"reason", answer.text}};
  if (answer.status == 401) {
    failures_.Fail(head.remote_address);
    log::Debug("delivery refused", fields);
  } else {
    log::Warning("an authentic delivery cannot be used", fields);
  }
  responder.Send(StatusAnswer(answer.status));
}

void HookHandler::Store(const HookReceiver& receiver,
                        VerifiedDelivery verified,
                        const ParsedDelivery& parsed,
                        const RequestHead& head,
                        Responder responder) {
  NewDelivery delivery = ToStore(receiver, std::move(verified), parsed);
  delivery.remote_address = head.remote_address;
  const bool operations = receiver.source().text() == kOperationsSource;
  // The inbox's thread answers, perhaps after this object: nothing of it is captured.
  auto waiting = std::make_shared<Responder>(std::move(responder));
  inbox_.Accept(std::move(delivery),
                [waiting, wake = operations ? wake_operations_ : std::function<void()>()](
                    const AcceptOutcome& outcome) {
                  waiting->Send(AnswerOf(outcome));
                  if (wake && outcome.kind == AcceptOutcome::Kind::kQueued) {
                    wake();
                  }
                });
}

}  // namespace failgate
