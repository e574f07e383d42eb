#include "webhooks/provider.h"

#include <gtest/gtest.h>

#include <type_traits>

#include "controller/base/digest.h"
#include "tests/support/hook_requests.h"

namespace failgate {
namespace {

constexpr const char* kGithubUrl = "https://github.com/acme/churn.git";
constexpr const char* kGitlabUrl = "https://gitlab.example.com/ml/churn.git";

static_assert(!std::is_constructible_v<VerifiedDelivery, RawDelivery, std::size_t>,
              "only a provider makes verified deliveries");
static_assert(!std::is_default_constructible_v<VerifiedDelivery>);

HookOutcome ReceiveGithub(const std::string& fixture) {
  return Receive(
      *MakeProvider("github"), GithubRequest("push", HookFixture("github/" + fixture)), kGithubUrl);
}

HookOutcome ReceiveGitlab(std::string_view event, const std::string& fixture) {
  return Receive(
      *MakeProvider("gitlab"), GitlabRequest(event, HookFixture("gitlab/" + fixture)), kGitlabUrl);
}

RefUpdate Update(const std::string& ref, char before, char after) {
  const auto id = [](char c) {
    return c == '0' ? std::optional<CommitId>() : CommitId(std::string(40, c));
  };
  return RefUpdate{ref, id(before), id(after), after == '0'};
}

TEST(Provider, ReadsEveryGithubPush) {
  const std::vector<std::pair<std::string, RefUpdate>> expected = {
      {"push_ordinary.json", Update("refs/heads/main", 'a', 'b')},
      {"push_forced.json", Update("refs/heads/main", 'c', 'b')},
      {"push_created.json", Update("refs/heads/feature/scores", '0', 'b')},
      {"push_deleted.json", Update("refs/heads/feature/scores", 'a', '0')},
      {"push_tag.json", Update("refs/tags/v1.2.0", '0', 'b')}};
  for (const auto& one : expected) {
    const HookOutcome outcome = ReceiveGithub(one.first);
    EXPECT_EQ(outcome.word, "queued") << one.first;
    EXPECT_EQ(outcome.parsed.ref_updates, std::vector<RefUpdate>{one.second}) << one.first;
    EXPECT_EQ(outcome.parsed.sender, "alice");
    EXPECT_EQ(outcome.parsed.event_name, "push");
    EXPECT_EQ(outcome.parsed.delivery_id, "72d3162e-cc78-11e3-81ab-4c9367dc0958");
  }
}

TEST(Provider, ReadsEveryGitlabPush) {
  const std::vector<std::pair<std::string, RefUpdate>> expected = {
      {"push_ordinary.json", Update("refs/heads/main", 'a', 'b')},
      {"push_forced.json", Update("refs/heads/main", 'c', 'b')},
      {"push_truncated.json", Update("refs/heads/main", 'a', 'b')},
      {"push_created.json", Update("refs/heads/feature/scores", '0', 'b')},
      {"push_deleted.json", Update("refs/heads/feature/scores", 'a', '0')}};
  for (const auto& one : expected) {
    const HookOutcome outcome = ReceiveGitlab("Push Hook", one.first);
    EXPECT_EQ(outcome.word, "queued") << one.first;
    EXPECT_EQ(outcome.parsed.ref_updates, std::vector<RefUpdate>{one.second}) << one.first;
    EXPECT_EQ(outcome.parsed.sender, "Alice Martin");
    EXPECT_EQ(outcome.parsed.delivery_id, "f5c9b4a1-0001");
  }
  const HookOutcome tag = ReceiveGitlab("Tag Push Hook", "tag_push.json");
  EXPECT_EQ(tag.parsed.ref_updates, std::vector<RefUpdate>{Update("refs/tags/v1.2.0", '0', 'b')});
}

TEST(Provider, ReadsTheSamePushOutOfAForm) {
  const std::string push = HookFixture("github/push_ordinary.json");
  std::string form = "payload=";
  for (const char c : push) {
    form += "%" + HexEncode(std::string(1, c));
  }
  const RawDelivery request =
      With(GithubRequest("push", form), "Content-Type", "application/x-www-form-urlencoded");
  const HookOutcome outcome = Receive(*MakeProvider("github"), request, kGithubUrl);
  EXPECT_EQ(outcome.word, "queued");
  EXPECT_EQ(outcome.parsed.ref_updates, ReceiveGithub("push_ordinary.json").parsed.ref_updates);
}

TEST(Provider, ShowsNamesOnOneEscapedLine) {
  EXPECT_EQ(ReceiveGithub("push_odd_names.json").parsed.sender,
            "al\\u001b[31mice\\u000aFact: deployed");
  const auto event = Receive(
      *MakeProvider("github"), GithubRequest("a\x1b" + std::string(500, 'b'), "{}"), kGithubUrl);
  EXPECT_EQ(event.parsed.event_name.find('\x1b'), std::string::npos);
  EXPECT_LT(event.parsed.event_name.size(), 100U);
}

TEST(Provider, FindsARepositoryConfiguredBySshOrOnThisMachine) {
  const RawDelivery request = GithubRequest("push", HookFixture("github/push_ordinary.json"));
  EXPECT_EQ(Receive(*MakeProvider("github"), request, "git@github.com:acme/churn.git").word,
            "queued");
  EXPECT_EQ(Receive(*MakeProvider("github"), request, "/srv/git/churn.git").word, "ignored");
}

TEST(Provider, TellsWhichSecretMatchedDuringRotation) {
  const RawDelivery request = GithubRequest("push", HookFixture("github/push_ordinary.json"));
  const auto current = MakeProvider("github", {std::string(kHookSecret), "old"})->Verify(request);
  const auto previous = MakeProvider("github", {"new", std::string(kHookSecret)})->Verify(request);
  ASSERT_TRUE(current);
  ASSERT_TRUE(previous);
  EXPECT_EQ(current->secret_index(), 0U);
  EXPECT_EQ(previous->secret_index(), 1U);
  EXPECT_EQ(previous->body(), request.body);
}

TEST(Provider, IgnoresARefThatWasAndIsAbsent) {
  const std::string zeros(40, '0');
  EXPECT_EQ(ReadRefUpdate("refs/heads/main", zeros, zeros).kind, RefReading::Kind::kIgnored);
  const RefReading unknown = ReadRefUpdate("refs/heads/main", std::nullopt, zeros);
  EXPECT_EQ(unknown.kind, RefReading::Kind::kUpdate);
  EXPECT_TRUE(unknown.update.deleted);
}

TEST(Provider, KnowsEveryWordOfTheContract) {
  for (const std::string& word : ProviderWords()) {
    EXPECT_TRUE(ProviderByName(word, {Secret("secret")})) << word;
  }
}

TEST(Provider, RefusesUnknownWordsAndNamesTheNearest) {
  const auto provider = ProviderByName("githib", {});
  ASSERT_FALSE(provider);
  EXPECT_EQ(provider.error().code, "provider_unknown");
  EXPECT_NE(provider.error().text.find("github"), std::string::npos);
  EXPECT_EQ(ProviderByName("\x1b[31m", {}).error().text.find('\x1b'), std::string::npos);
}

TEST(Provider, BoundsBodiesAtWhatTheForgeSends) {
  for (const char* word : {"github", "gitlab"}) {
    EXPECT_GE(MakeProvider(word)->MaxBodyBytes(), std::size_t{25} << 20U);
    EXPECT_LE(MakeProvider(word)->MaxBodyBytes(), std::size_t{32} << 20U);
  }
}

}  // namespace
}  // namespace failgate
