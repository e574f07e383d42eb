#include "controller/api/hook_handler.h"

#include <algorithm>
#include <utility>

#include "controller/api/answers.h"
#include "controller/api/answers_together.h"
#include "controller/api/json.h"
#include "controller/api/stored_headers.h"
#include "controller/base/log.h"
#include "controller/base/text.h"
#include "controller/store/body_digest.h"

namespace failgate {
namespace {

constexpr std::string_view kHookFolder = "/hooks/";
constexpr const char* kPong = R"({"status":"pong"})";
constexpr double kBurstSeconds = 5;  // of the rate that may come at once: a push of many branches
// Read and dropped, so that the sender lives to hear the answer.
constexpr std::size_t kMaxUnsignedPingBytes = std::size_t{64} << 10U;

HttpResponse StatusAnswer(int status) {
  HeaderFields headers;
  if (status == 503) {
    headers.emplace_back("Retry-After", kRetryAfterSeconds);
  }
  if (status == 429) {
    headers.emplace_back("Retry-After", "1");
  }
  return StatusResponse(status, std::move(headers));
}

RateLimiter::Options RateOf(int per_second) {
  RateLimiter::Options options;
  options.per_second = per_second;
  options.burst = kBurstSeconds * per_second;
  return options;
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
  delivery.body_digest = DigestOfBody(verified.body());
  delivery.body = verified.TakeBody();
  delivery.headers = StoredHeaders(verified.headers());
  delivery.received_at = verified.received_at();
  const bool push = parsed.kind == ParsedDelivery::Kind::kPush;
  delivery.kind = push ? NewDelivery::Kind::kQueued : NewDelivery::Kind::kIgnored;
  delivery.ignored_because = parsed.ignored_because;
  for (const RefUpdate& update : parsed.ref_updates) {
    delivery.refs.push_back(RefHint{update.ref, update.deleted});
  }
  for (const ImagePush& image : parsed.image_pushes) {
    delivery.refs.push_back(RefHint{image.tag, false});
  }
  for (const std::string& model : parsed.models) {
    delivery.refs.push_back(RefHint{model, false});
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

HookHandler::HookHandler(const ServerFile& config,
                         const EnvironmentLookup& environment,
                         Inbox& inbox,
                         std::function<void()> wake_operations,
                         const Clock& clock)
    : max_body_bytes_(static_cast<std::size_t>(config.limits.max_body_bytes)),
      inbox_(inbox),
      wake_operations_(std::move(wake_operations)),
      clock_(clock),
      failures_(RateLimiter::Options{}, clock),
      by_address_(RateOf(config.limits.rate_per_address), clock),
      by_source_(RateOf(config.limits.rate_per_source), clock) {
  inbox_.OnAnswering([] { return std::make_shared<AnswersTogether>(); });
  for (const SourceSettings& source : config.sources) {
    AddReceiver(source.name, AboutRepository(source.url), source.webhook, environment);
  }
  for (const ImageSourceSettings& source : config.images) {
    AddReceiver(source.name, AboutImage(source.image), source.webhook, environment);
  }
  AddReceiver(SourceName(kOperationsSource),
              AboutRepository(config.operations.url),
              config.operations.webhook,
              environment);
  if (config.sonar) {
    AddReceiver(
        SourceName(kSonarSource),
        [](ParsedDelivery parsed) { return parsed; },
        config.sonar->webhook,
        environment);
  }
  if (config.mlflow) {
    AddReceiver(
        SourceName(kMlflowSource),
        [](ParsedDelivery parsed) { return parsed; },
        config.mlflow->webhook,
        environment);
  }
}

void HookHandler::AddReceiver(const SourceName& source,
                              KeepConfigured keep,
                              const std::optional<WebhookSettings>& webhook,
                              const EnvironmentLookup& environment) {
  if (webhook) {
    receivers_.emplace(
        source.text(),
        std::make_unique<HookReceiver>(source, std::move(keep), *webhook, environment, clock_));
  }
}

bool HookHandler::IsHookPath(std::string_view path) {
  return path.substr(0, kHookFolder.size()) == kHookFolder;
}

HookHandler::Found HookHandler::Find(std::string_view path) const {
  if (!IsHookPath(path)) {
    return {};
  }
  // Names need no escapes, so none are read: one spelling a receiver.
  path.remove_prefix(kHookFolder.size());
  const std::size_t slash = path.find('/');
  const auto found = receivers_.find(path.substr(0, slash));
  if (found == receivers_.end()) {
    return {};
  }
  Found answer{found->second.get(), {}};
  if (slash != std::string_view::npos) {
    if (!answer.receiver->Current()->TakesPathToken()) {
      return {};
    }
    answer.path_token = path.substr(slash + 1);
  }
  return answer;
}

Admission HookHandler::Admit(const RequestHead& head) {
  const Found found = Find(head.path);
  HookReceiver* const receiver = found.receiver;
  if (receiver == nullptr) {
    return Admission::Refuse(StatusAnswer(404));
  }
  if (head.method != "POST") {
    return Admission::Refuse(Answered(*receiver, StatusResponse(405, {{"Allow", "POST"}})));
  }
  if (IsTooFast(*receiver, head)) {
    return Admission::Refuse(Answered(*receiver, StatusAnswer(429)));
  }
  const std::shared_ptr<const Provider> provider = receiver->Current();
  const std::size_t max_bytes = std::min(provider->MaxBodyBytes(), max_body_bytes_);
  if (head.content_length && *head.content_length > max_bytes) {
    return Admission::Accept(max_bytes);  // the transport's 413 comes before 415 and 401
  }
  const std::optional<HookAnswer> refused = provider->CheckHeaders(head.headers, found.path_token);
  if (refused && refused->status == 200) {
    return Admission::Accept(std::min(max_bytes, kMaxUnsignedPingBytes));
  }
  if (refused) {
    if (refused->status == 401) {
      failures_.Count(head.remote_address);
    }
    return Admission::Refuse(Answered(*receiver, StatusAnswer(refused->status)));
  }
  return Admission::Accept(max_bytes);
}

bool HookHandler::IsTooFast(const HookReceiver& receiver, const RequestHead& head) {
  if (!failures_.Allows(head.remote_address) || !by_address_.Allows(head.remote_address) ||
      !by_source_.Allows(receiver.source().text())) {
    return true;
  }
  by_address_.Count(head.remote_address);
  return false;
}

HttpResponse HookHandler::Answered(const HookReceiver& receiver, HttpResponse response) {
  receiver.answers().Count(response.status);
  return response;
}

std::map<SourceName, std::map<int, std::uint64_t>> HookHandler::Answers() const {
  std::map<SourceName, std::map<int, std::uint64_t>> answers;
  for (const auto& each : receivers_) {
    answers[each.second->source()] = each.second->answers().Read();
  }
  return answers;
}

void HookHandler::Handle(HttpRequest request, Responder responder) {
  const Found found = Find(request.path);
  HookReceiver* const receiver = found.receiver;
  if (receiver == nullptr || request.method != "POST") {
    responder.Send(StatusAnswer(404));
    return;
  }
  const std::shared_ptr<const Provider> provider = receiver->Current();
  RawDelivery raw{std::move(request.headers),
                  std::move(request.body),
                  clock_.Now(),
                  std::string(found.path_token)};
  auto verified = provider->Verify(std::move(raw));
  if (!verified && verified.error().status == 200) {
    responder.Send(Answered(*receiver, JsonAnswer(200, kPong)));
    return;
  }
  if (!verified) {
    Refuse(*receiver, verified.error(), request, std::move(responder));
    return;
  }
  // Only what the source's own secret proves: nobody else can use up its rate.
  by_source_.Count(receiver->source().text());
  auto parsed = provider->Parse(*verified);
  if (!parsed) {
    Refuse(*receiver, parsed.error(), request, std::move(responder));
    return;
  }
  receiver->NoteSecret(verified->secret_index());
  if (parsed->kind == ParsedDelivery::Kind::kPing) {
    responder.Send(Answered(*receiver, JsonAnswer(200, kPong)));
    return;
  }
  Store(*receiver,
        *std::move(verified),
        receiver->Keep(*std::move(parsed)),
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
    failures_.Count(head.remote_address);
    log::Debug("delivery refused", fields);
  } else {
    log::Warning("an authentic delivery cannot be used", fields);
  }
  responder.Send(Answered(receiver, StatusAnswer(answer.status)));
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
  inbox_.Collect(std::move(delivery),
                 [waiting,
                  answers = receiver.shared_answers(),
                  wake = operations ? wake_operations_
                                    : std::function<void()>()](const AcceptOutcome& outcome) {
                   HttpResponse answer = AnswerOf(outcome);
                   answers->Count(answer.status);
                   waiting->Send(std::move(answer));
                   if (wake && outcome.kind == AcceptOutcome::Kind::kQueued) {
                     wake();
                   }
                 });
}

}  // namespace failgate
