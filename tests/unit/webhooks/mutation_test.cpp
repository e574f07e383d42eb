// Every field of every payload, replaced by every wrong thing: an answer, never a crash.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "tests/support/senders.h"

namespace failgate {
namespace {

using nlohmann::json;
using Pointer = json::json_pointer;

const std::set<int> kAllowed = {200, 202, 400, 413, 422};

/// The way to every value below `node`, itself included.
void CollectPointers(const json& node, const Pointer& at, std::vector<Pointer>& found) {
  found.push_back(at);
  if (node.is_object()) {
    for (const auto& item : node.items()) {
      CollectPointers(item.value(), at / item.key(), found);
    }
  } else if (node.is_array()) {
    for (std::size_t i = 0; i < node.size(); ++i) {
      CollectPointers(node[i], at / i, found);
    }
  }
}

// The long ones are longer than any field or list may be.
std::vector<json> WrongValues() {
  return {nullptr,
          true,
          false,
          0,
          -1,
          1,
          1.5,
          9007199254740993,
          "",
          "x",
          "../..",
          "-x",
          std::string(5000, 'x'),
          json::array(),
          json::object(),
          json::array({nullptr}),
          json::array({json::object()}),
          std::vector<int>(5001, 1),
          std::string(1, '\0')};
}

/// What a payload may come to when one of its values was replaced: what it said before, or the only
/// wrong values that a ref can be made of.
struct Allowed {
  std::set<std::string> refs;
  std::set<std::string> ids;
};

Allowed AllowedBy(const HookOutcome& original) {
  Allowed allowed;
  allowed.refs = {"refs/heads/x", "refs/tags/x"};
  for (const RefUpdate& update : original.parsed.ref_updates) {
    allowed.refs.insert(update.ref);
    for (const auto& id : {update.before, update.after}) {
      if (id) {
        allowed.ids.insert(id->text());
      }
    }
  }
  return allowed;
}

void ExpectAnAnswer(const TestSender& sender,
                    const Provider& provider,
                    const RawDelivery& request,
                    const Allowed& allowed,
                    const std::string& what) {
  const HookOutcome outcome = Receive(provider, request, sender.url);
  EXPECT_EQ(kAllowed.count(outcome.status), 1U) << what << ": " << outcome.status;
  for (const RefUpdate& update : outcome.parsed.ref_updates) {
    EXPECT_EQ(allowed.refs.count(update.ref), 1U) << what << ": " << update.ref;
    for (const auto& id : {update.before, update.after}) {
      EXPECT_TRUE(!id || allowed.ids.count(id->text()) == 1) << what << ": " << id->text();
    }
  }
}

/// `event` replaces the header that names the event, where it is not empty.
void MutateEveryField(const TestSender& sender,
                      const std::string& fixture,
                      const std::string& event_header = "",
                      const std::string& event = "") {
  const auto provider = MakeProvider(sender);
  const auto request = [&](const json& payload) {
    RawDelivery proven = Proven(sender, payload.dump());
    return event.empty() ? proven : With(std::move(proven), event_header, event);
  };
  const json original = json::parse(HookFixture(fixture));
  const Allowed allowed = AllowedBy(Receive(*provider, request(original), sender.url));
  const std::vector<json> wrong_values = WrongValues();
  std::vector<Pointer> pointers;
  CollectPointers(original, Pointer(), pointers);
  for (const Pointer& pointer : pointers) {
    const std::string what = sender.word + " " + fixture + pointer.to_string();
    for (const json& value : wrong_values) {
      json mutated = original;
      mutated[pointer] = value;
      ExpectAnAnswer(sender, *provider, request(mutated), allowed, what);
    }
    if (!pointer.empty()) {
      json missing = original;
      json& parent = missing[pointer.parent_pointer()];
      if (parent.is_object()) {
        parent.erase(pointer.back());
      } else {
        parent.clear();
      }
      ExpectAnAnswer(sender, *provider, request(missing), allowed, what);
    }
  }
}

TEST(Mutation, OfEveryFieldOfAnOrdinaryPushGetsAnAnswer) {
  for (const TestSender& sender : TestSenders()) {
    MutateEveryField(sender, sender.push);
  }
}

TEST(Mutation, OfEveryFieldOfOtherEventsGetsAnAnswer) {
  MutateEveryField(TestSenderOf("github"), "github/ping.json", "X-GitHub-Event", "ping");
  MutateEveryField(
      TestSenderOf("gitlab"), "gitlab/tag_push.json", "X-Gitlab-Event", "Tag Push Hook");
  MutateEveryField(TestSenderOf("gitea"), "gitea/delete.json", "X-Gitea-Event", "delete");
  MutateEveryField(TestSenderOf("bitbucket-server"),
                   "bitbucket-server/ping.json",
                   "X-Event-Key",
                   "diagnostics:ping");
}

TEST(Mutation, OfEveryFieldOfAPushOfSeveralRefsGetsAnAnswer) {
  MutateEveryField(TestSenderOf("bitbucket"), "bitbucket/push_many.json");
  MutateEveryField(TestSenderOf("bitbucket-server"), "bitbucket-server/push_many.json");
  MutateEveryField(TestSenderOf("azure"), "azure/push_many.json");
  MutateEveryField(TestSenderOf("generic"), "plain/push_in_data.json");
  MutateEveryField(TestSenderOf("standard"), "plain/push_deleted.json");
}

TEST(Mutation, ByCuttingAnywhereIsNeverTaken) {
  for (const TestSender& sender : TestSenders()) {
    const auto provider = MakeProvider(sender);
    const std::string push = PushOf(sender);
    const std::size_t end = push.rfind('}');
    for (std::size_t size = 0; size <= end; ++size) {
      const RawDelivery request = Proven(sender, push.substr(0, size));
      EXPECT_EQ(Receive(*provider, request, sender.url).status, 400) << sender.word << size;
    }
  }
}

}  // namespace
}  // namespace failgate
