// What registries send, and what is made of it.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/support/registry_senders.h"

namespace failgate {
namespace {

using nlohmann::json;
using Pointer = json::json_pointer;

std::string PushOf(const TestRegistry& registry) {
  return HookFixture(registry.push);
}

std::string PushWith(const TestRegistry& registry, const std::string& pointer, const json& value) {
  json payload = json::parse(PushOf(registry));
  payload[Pointer(pointer)] = value;
  return payload.dump();
}

HookOutcome ReceiveBody(const TestRegistry& registry, const std::string& body) {
  return ReceiveImage(registry, Proven(registry, body));
}

TEST(EveryRegistry, SendsTheTagThatWasPushed) {
  EXPECT_EQ(TestRegistries().size(), RegistryProviderWords().size());
  for (const TestRegistry& registry : TestRegistries()) {
    const HookOutcome outcome = ReceiveBody(registry, PushOf(registry));
    EXPECT_EQ(outcome.word, "queued") << registry.word;
    const std::vector<ImagePush> expected = {{"ml/churn", "v1.2"}};
    EXPECT_EQ(outcome.parsed.image_pushes, expected) << registry.word;
    EXPECT_TRUE(outcome.parsed.ref_updates.empty()) << registry.word;
  }
}

TEST(EveryRegistry, IsProvenByItsWholeSecret) {
  for (const TestRegistry& registry : TestRegistries()) {
    const std::string body = PushOf(registry);
    for (const std::string& wrong : {registry.other_secret,
                                     registry.secret + "x",
                                     registry.secret.substr(0, registry.secret.size() - 1),
                                     std::string("x"),
                                     std::string()}) {
      const HookOutcome outcome = ReceiveImage(registry, ProvenBy(registry, wrong, body));
      EXPECT_EQ(outcome.status, 401) << registry.word << wrong;
    }
    RawDelivery typed = With(Proven(registry, body), "Content-Type", "text/plain");
    EXPECT_EQ(ReceiveImage(registry, typed).status, 415) << registry.word;
    const auto without = MakeProvider(registry.word, {""});
    EXPECT_FALSE(without->Verify(Proven(registry, body))) << registry.word;
  }
}

TEST(EveryRegistry, IsIgnoredAboutAnotherImage) {
  for (const TestRegistry& registry : TestRegistries()) {
    const RawDelivery push = Proven(registry, PushOf(registry));
    for (const char* other : {"ml/churn2", "churn", "xml/churn", "ml", ""}) {
      EXPECT_EQ(ReceiveImage(registry, push, other).word, "ignored") << registry.word << other;
    }
  }
}

TEST(EveryRegistry, IsAnsweredWhateverAFieldHolds) {
  const std::vector<json> wrong = {nullptr,
                                   true,
                                   -1,
                                   1.5,
                                   "",
                                   "../..",
                                   "-x",
                                   "\x1b[31m",
                                   std::string(5000, 'x'),
                                   json::array(),
                                   json::object(),
                                   json::array({nullptr}),
                                   std::vector<int>(5001, 1)};
  for (const TestRegistry& registry : TestRegistries()) {
    const json original = json::parse(PushOf(registry));
    const json flat = original.flatten();
    for (const auto& item : flat.items()) {
      for (Pointer at(item.key()); !at.empty(); at = at.parent_pointer()) {
        for (const json& value : wrong) {
          json mutated = original;
          mutated[at] = value;
          const HookOutcome outcome = ReceiveBody(registry, mutated.dump());
          EXPECT_TRUE(outcome.status == 202 ||
                      (outcome.status == 422 && registry.word != "distribution"))
              << registry.word << at.to_string();
          for (const ImagePush& push : outcome.parsed.image_pushes) {
            EXPECT_EQ(push, (ImagePush{"ml/churn", "v1.2"})) << at.to_string();
          }
        }
      }
    }
    const std::string push = PushOf(registry);
    for (std::size_t size = 0; size + 2 < push.size(); size += 7) {
      const HookOutcome outcome = ReceiveBody(registry, push.substr(0, size));
      EXPECT_EQ(outcome.status, registry.word == "distribution" ? 202 : 400) << size;
      EXPECT_NE(outcome.word, "queued");
    }
  }
}

TEST(Distribution, TakesPushesOfTaggedManifestsAlone) {
  const TestRegistry& registry = TestRegistryOf("distribution");
  for (const char* action : {"pull", "mount", "delete", "PUSH"}) {
    EXPECT_EQ(ReceiveBody(registry, PushWith(registry, "/events/1/action", action)).word,
              "ignored");
  }
  for (const char* type : {"application/vnd.docker.distribution.manifest.v2+json",
                           "application/vnd.docker.distribution.manifest.list.v2+json",
                           "application/vnd.oci.image.index.v1+json"}) {
    EXPECT_EQ(ReceiveBody(registry, PushWith(registry, "/events/1/target/mediaType", type)).word,
              "queued");
  }
  EXPECT_EQ(ReceiveBody(registry, PushWith(registry, "/events/1/target/tag", nullptr)).word,
            "ignored");
}

TEST(Distribution, IsNeverRefusedOnceItIsProven) {
  const TestRegistry& registry = TestRegistryOf("distribution");
  const json event = json::parse(PushOf(registry))["events"][1];
  const std::string many = json{{"events", std::vector<json>(10000, event)}}.dump();
  for (const std::string& body : {std::string(R"({"events":[]})"),
                                  std::string(R"({"events":null})"),
                                  std::string("{}"),
                                  std::string("[]"),
                                  std::string("null"),
                                  std::string("no JSON"),
                                  std::string(),
                                  many}) {
    const HookOutcome outcome = ReceiveBody(registry, body);
    EXPECT_EQ(outcome.status, 202) << "81 " << body.substr(0, 30);
    EXPECT_EQ(outcome.word, "ignored") << "81 " << body.substr(0, 30);
  }
  const std::string several = json{{"events", std::vector<json>(1000, event)}}.dump();
  EXPECT_EQ(ReceiveBody(registry, several).parsed.image_pushes.size(), 1U);
}

TEST(Distribution, SendsItsEventsUnderEitherOfTheirTypes) {
  const TestRegistry& registry = TestRegistryOf("distribution");
  const RawDelivery push = Proven(registry, PushOf(registry));
  const auto typed = [&](const char* type) {
    return ReceiveImage(registry, With(push, "Content-Type", type)).status;
  };
  EXPECT_EQ(typed("application/vnd.docker.distribution.events.v1+json"), 202);
  EXPECT_EQ(typed("Application/vnd.docker.distribution.events.v2+JSON; charset=utf-8"), 202);
  EXPECT_EQ(typed("application/json"), 415);
}

TEST(Harbor, IgnoresOtherEventsAndArtifactsWithoutATag) {
  const TestRegistry& registry = TestRegistryOf("harbor");
  EXPECT_EQ(ReceiveBody(registry, PushWith(registry, "/type", "DELETE_ARTIFACT")).word, "ignored");
  const std::string digest = "sha256:" + std::string(64, 'a');
  EXPECT_EQ(ReceiveBody(registry, PushWith(registry, "/event_data/resources/0/tag", digest)).word,
            "ignored");
  EXPECT_EQ(ReceiveBody(registry, PushWith(registry, "/event_data/repository", nullptr)).status,
            422);
  EXPECT_EQ(ReceiveBody(registry, "{}").status, 422);
}

TEST(Dockerhub, TakesNoTokenThatCanBeGuessed) {
  for (const char* weak : {"",
                           "short",
                           "0123456789abcdef0123456789abcde",
                           "a/b/c/d/e/f/g/h/i/j/k/l"
                           "/m/n/o/p/q/r"}) {
    EXPECT_TRUE(FaultOfSecret("dockerhub", Secret(weak), {})) << weak;
    const auto provider = MakeProvider("dockerhub", {weak});
    const auto refused = provider->CheckHeaders({{"Content-Type", "application/json"}}, weak);
    ASSERT_TRUE(refused) << weak;
    EXPECT_EQ(refused->status, 503) << weak;
  }
  EXPECT_FALSE(FaultOfSecret("dockerhub", Secret(std::string(32, 'a')), {}));
}

TEST(Dockerhub, IsNotProvenByAHeader) {
  const TestRegistry& registry = TestRegistryOf("dockerhub");
  RawDelivery push = Proven(registry, PushOf(registry));
  push.path_token.clear();
  EXPECT_EQ(ReceiveImage(registry, Plus(push, "Authorization", registry.secret)).status, 401);
}

}  // namespace
}  // namespace failgate
