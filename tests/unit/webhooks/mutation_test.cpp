// Every field of every payload, replaced by every wrong thing: an answer, never a crash.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "tests/unit/webhooks/hook_requests.h"

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
          std::string(70000, 'x'),
          json::array(),
          json::object(),
          json::array({nullptr}),
          json::array({json::object()}),
          std::vector<int>(12000, 1),
          std::string(1, '\0')};
}

void ExpectAnAnswer(const Provider& provider, const RawDelivery& request, const std::string& what) {
  const HookOutcome outcome = Receive(provider, request, "https://github.com/acme/churn.git");
  EXPECT_EQ(kAllowed.count(outcome.status), 1U) << what << ": " << outcome.status;
  for (const RefUpdate& update : outcome.parsed.ref_updates) {
    EXPECT_TRUE(IsValidRefName(update.ref)) << what;
  }
}

void MutateEveryField(const std::string& word,
                      const std::string& fixture,
                      RawDelivery (*request)(std::string_view, std::string),
                      std::string_view event) {
  const auto provider = MakeProvider(word);
  const json original = json::parse(HookFixture(fixture));
  std::vector<Pointer> pointers;
  CollectPointers(original, Pointer(), pointers);
  for (const Pointer& pointer : pointers) {
    for (const json& value : WrongValues()) {
      json mutated = original;
      mutated[pointer] = value;
      ExpectAnAnswer(*provider, request(event, mutated.dump()), fixture + pointer.to_string());
    }
    if (!pointer.empty()) {
      json missing = original;
      json& parent = missing[pointer.parent_pointer()];
      if (parent.is_object()) {
        parent.erase(pointer.back());
      } else {
        parent.clear();
      }
      ExpectAnAnswer(*provider, request(event, missing.dump()), fixture + pointer.to_string());
    }
  }
}

TEST(Mutation, OfEveryGithubFieldGetsAnAnswer) {
  MutateEveryField("github", "github/push_ordinary.json", GithubRequest, "push");
  MutateEveryField("github", "github/ping.json", GithubRequest, "ping");
}

TEST(Mutation, OfEveryGitlabFieldGetsAnAnswer) {
  MutateEveryField("gitlab", "gitlab/push_ordinary.json", GitlabRequest, "Push Hook");
  MutateEveryField("gitlab", "gitlab/tag_push.json", GitlabRequest, "Tag Push Hook");
}

TEST(Mutation, ByCuttingAnywhereIsNeverTaken) {
  const auto provider = MakeProvider("github");
  const std::string push = HookFixture("github/push_ordinary.json");
  const std::size_t end = push.rfind('}');
  for (std::size_t size = 0; size <= end; ++size) {
    const RawDelivery request = GithubRequest("push", push.substr(0, size));
    EXPECT_EQ(Receive(*provider, request, "https://github.com/acme/churn.git").status, 400) << size;
  }
}

}  // namespace
}  // namespace failgate
