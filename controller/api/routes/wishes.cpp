#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "controller/api/answers.h"
#include "controller/api/body_fields.h"
#include "controller/api/json.h"
#include "controller/api/routes/routes.h"
#include "controller/base/text.h"
#include "controller/promotion/desired_file.h"
#include "policies/override.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxReasonCharacters = 4000;

struct Verb {
  const char* word;
  Role role;
  bool names_release;  ///< the body must name one
};

constexpr std::array<Verb, 10> kVerbs{{
    {"promote", Role::kDeveloper, true},
    {"approve", Role::kApprover, true},
    {"reject", Role::kApprover, true},
    {"withdraw", Role::kApprover, true},
    {"rollback", Role::kApprover, false},
    {"retry", Role::kApprover, false},
    {"hold", Role::kApprover, false},
    {"resume", Role::kApprover, false},
    {"remove", Role::kOperator, false},
    {"override", Role::kApprover, true},
}};

std::optional<HttpResponse> RefuseRelease(const ApiCall& call, const std::string& release) {
  const auto parts = SplitReleaseName(release);
  if (!parts || parts->first != call.project()) {
    return ErrorAnswer(
        422, "bad_release", OneLine(release, 100) + " is no release of " + call.project().text());
  }
  return std::nullopt;
}

/// `until` as a time: a duration counts from now. nullopt: it is neither.
std::optional<TimePoint> ReadUntil(const std::string& text, TimePoint now) {
  if (const auto duration = ParseDuration(text)) {
    return now + *duration;
  }
  return ParseTime(text);
}

/// Of a hold: until and healing, as the promoter reads them.
Result<std::string, HttpResponse> ReadHoldOptions(const BodyFields& body, TimePoint now) {
  nlohmann::json options = nlohmann::json::object();
  if (const std::string text = body.Text("until"); !text.empty()) {
    const auto until = ReadUntil(text, now);
    if (!until) {
      return ErrorAnswer(422,
                         "bad_until",
                         "until is a time such as 2026-12-01T09:00:00Z or a duration such as 2d");
    }
    if (*until <= now) {
      return ErrorAnswer(422, "until_past", FormatTime(*until) + " is past already");
    }
    options["until"] = FormatTime(*until);
  }
  if (const std::string healing = body.Text("healing"); !healing.empty()) {
    if (healing != "on" && healing != "off") {
      return ErrorAnswer(422, "bad_healing", "healing is on or off");
    }
    options["healing"] = healing;
  }
  return options.dump();
}

/// Of an override: gate and expires, as the promoter reads them.
Result<std::string, HttpResponse> ReadOverrideOptions(const BodyFields& body) {
  const std::string gate = body.Text("gate");
  if (gate.empty()) {
    return ErrorAnswer(422, "gate_missing", "name the gate: {\"gate\": \"NAME\"}");
  }
  const std::string expires = body.Text("expires");
  const auto duration = ParseDuration(expires);
  if (!duration || *duration > kLongestOverride) {
    return ErrorAnswer(422, "bad_expires", "expires is a duration of at most 24h, such as 2h");
  }
  return nlohmann::json{{"gate", gate}, {"expires", expires}}.dump();
}

/// What the verb reads out of the body: `release`; for a rollback `to` (or `release`) and
/// `because`; for a hold `until` and `healing`;
/// for an override `gate` and `expires`.
Result<Request, HttpResponse> ReadWish(const Verb& verb, const ApiCall& call, TimePoint now) {
  const bool rollback = std::string_view(verb.word) == "rollback";
  const bool hold = std::string_view(verb.word) == "hold";
  std::vector<std::string> keys{"reason"};
  if (verb.names_release || rollback) {
    keys.emplace_back("release");
  }
  if (rollback) {
    keys.emplace_back("to");
    keys.emplace_back("because");
  }
  const bool overrides = std::string_view(verb.word) == "override";
  if (overrides) {
    keys.emplace_back("gate");
    keys.emplace_back("expires");
  }
  if (hold) {
    keys.emplace_back("until");
    keys.emplace_back("healing");
  }
  const auto body = BodyFields::Read(call.request, keys, {});
  if (!body) {
    return body.error();
  }
  Request request;
  request.kind = verb.word;
  request.project = call.project();
  request.environment = call.environment();
  request.person = call.who.person;
  request.role = call.who.role;
  request.token_id = call.who.id;
  request.reason = std::string(Trim(body->Text("reason")));
  const std::string to = body->Text("to");
  const std::string release = to.empty() ? body->Text("release") : to;
  if (!to.empty() && !body->Text("release").empty() && to != body->Text("release")) {
    return ErrorAnswer(422, "unusable", "to and release name different releases");
  }
  if (verb.names_release && release.empty()) {
    return ErrorAnswer(422, "release_missing", "name the release: {\"release\": \"NAME\"}");
  }
  if (!release.empty()) {
    if (auto refused = RefuseRelease(call, release)) {
      return *std::move(refused);
    }
  }
  request.release = ReleaseName(release);
  const bool remove = std::string_view(verb.word) == "remove";
  if ((rollback || hold || remove || overrides) && request.reason.empty()) {
    return ErrorAnswer(
        422, "reason_missing", fmt::format("{} asks a reason: {{\"reason\": TEXT}}", verb.word));
  }
  if (request.reason.size() > kMaxReasonCharacters) {
    return ErrorAnswer(422, "reason_too_long", "the reason is longer than 4000 bytes");
  }
  request.options_json = body->Text("because");
  if (!request.options_json.empty() && !ParseBecause(request.options_json)) {
    return ErrorAnswer(422, "bad_because", "because is one of code, data, both, all");
  }
  if (hold || overrides) {
    auto options = hold ? ReadHoldOptions(*body, now) : ReadOverrideOptions(*body);
    if (!options) {
      return options.error();
    }
    request.options_json = *std::move(options);
  }
  return request;
}

void AddVerb(ApiRoutes& routes,
             const ApiServices& services,
             PendingRequests& pending,
             const Verb& verb) {
  const std::string pattern =
      std::string("/api/v1/projects/{project}/environments/{environment}/") + verb.word;
  routes.PostLate(
      pattern, verb.role, [&services, &pending, verb](ApiCall& call, Responder& responder) {
        auto wish = ReadWish(verb, call, services.clock.Now());
        if (!wish) {
          responder.Send(wish.error());
          return;
        }
        if (!pending.HasRoom()) {
          responder.Send(BusyAnswer("busy", "too many requests wait: try again"));
          return;
        }
        const std::string id = services.requests.Add(*std::move(wish));
        pending.Wait(id, std::move(responder));
        services.wake_promoter();
      });
}

HttpResponse ShowRequest(const ApiServices& services, const ApiCall& call) {
  const std::optional<Request> request = services.requests.Get(call.Parameter("request"));
  return request && call.who.Covers(request->project) ? JsonAnswer(200, RequestJson(*request))
                                                      : NoSuch("such request");
}

}  // namespace

void AddWishRoutes(ApiRoutes& routes, const ApiServices& services, PendingRequests& pending) {
  for (const Verb& verb : kVerbs) {
    AddVerb(routes, services, pending, verb);
  }
  routes.Get("/api/v1/requests/{request}", {}, [&services](const ApiCall& call) {
    return ShowRequest(services, call);
  });
}

}  // namespace failgate
