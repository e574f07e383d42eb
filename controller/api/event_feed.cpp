#include "controller/api/event_feed.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "controller/api/answers.h"

namespace failgate {
namespace {

bool MayHear(const TokenIdentity& identity, const LiveEvent& event) {
  if (identity.projects.empty()) {
    return true;
  }
  return std::any_of(event.projects.begin(), event.projects.end(), [&](const ProjectName& each) {
    return identity.Covers(each);
  });
}

}  // namespace

EventFeed::EventFeed(Options options, const TokenStore& tokens, const Clock& clock)
    : options_(options), tokens_(tokens), clock_(clock) {
  auto state = state_.Lock();
  state->beat_at = clock.Steady() + options.heartbeat;
  // Ids go on rising over restarts.
  state->next_event = clock.Now().time_since_epoch().count();
}

void EventFeed::Listen(Responder responder, Secret token, TokenIdentity identity) {
  auto state = state_.Lock();
  if (state->closed || state->listeners.size() >= options_.max_listeners) {
    responder.Send(BusyAnswer("too_many_listeners", "too many clients listen to events"));
    return;
  }
  HttpResponse head;
  head.content_type = "text/event-stream";
  head.body = "retry: 3000\n\n";
  StreamWriter writer = responder.StartStream(std::move(head));
  if (!writer.closed()) {
    state->listeners.emplace(state->next_listener++,
                             Listener{std::move(writer), std::move(token), std::move(identity)});
  }
}

void EventFeed::Tell(const LiveEvent& event) {
  auto state = state_.Lock();
  const std::string text =
      fmt::format("id: {}\nevent: {}\ndata: {}\n\n", state->next_event++, event.kind, event.json);
  for (auto each = state->listeners.begin(); each != state->listeners.end();) {
    const bool gone = MayHear(each->second.identity, event) && !each->second.writer.Write(text);
    each = gone ? state->listeners.erase(each) : std::next(each);
  }
}

void EventFeed::Beat() {
  std::vector<std::pair<long long, Secret>> tokens;
  {
    auto state = state_.Lock();
    if (state->listeners.empty() || clock_.Steady() < state->beat_at) {
      return;
    }
    state->beat_at = clock_.Steady() + options_.heartbeat;
    for (const auto& each : state->listeners) {
      tokens.emplace_back(each.first, each.second.token);
    }
  }
  std::vector<long long> invalid;
  for (const auto& each : tokens) {
    if (!tokens_.Authenticate(each.second.Reveal(), clock_.Now())) {
      invalid.push_back(each.first);
    }
  }
  auto state = state_.Lock();
  for (const long long id : invalid) {
    state->listeners.erase(id);
  }
  for (auto each = state->listeners.begin(); each != state->listeners.end();) {
    each =
        each->second.writer.Write(": alive\n\n") ? std::next(each) : state->listeners.erase(each);
  }
}

std::size_t EventFeed::listeners() const {
  return state_.Lock()->listeners.size();
}

void EventFeed::Close() {
  auto state = state_.Lock();
  state->closed = true;
  state->listeners.clear();
}

}  // namespace failgate
