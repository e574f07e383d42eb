// What Gitea, Bitbucket and Azure DevOps send that others do not.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "controller/base/digest.h"
#include "tests/support/senders.h"
#include "webhooks/providers/azure_url.h"

namespace failgate {
namespace {

const std::string kZeros40(40, '0');

std::vector<RefUpdate> ManyRefs() {
  const CommitId a(std::string(40, 'a'));
  const CommitId b(std::string(40, 'b'));
  const CommitId c(std::string(40, 'c'));
  return {{"refs/heads/main", a, b, false},
          {"refs/heads/feature/scores", std::nullopt, b, false},
          {"refs/heads/old", c, std::nullopt, true},
          {"refs/tags/v1.2.0", std::nullopt, b, false}};
}

HookOutcome ReceiveFixture(std::string_view word, const std::string& fixture) {
  const TestSender& sender = TestSenderOf(word);
  return Receive(sender, Proven(sender, HookFixture(fixture)));
}

// --- Gitea, Forgejo, Gogs

const TestSender& Gitea() {
  return TestSenderOf("gitea");
}

/// A push of the family that names its headers so.
RawDelivery OfFamily(const std::string& family, std::string body) {
  RawDelivery request;
  request.headers = {{"Content-Type", "application/json"},
                     {"X-" + family + "-Event", "push"},
                     {"X-" + family + "-Delivery", "f6266f16-1bf3-46a5-9ea4-602e06ead473"},
                     {"X-" + family + "-Signature", HexEncode(HmacSha256(Gitea().secret, body))}};
  request.body = std::move(body);
  return request;
}

TEST(Gitea, IsReadUnderEachOfItsNames) {
  for (const char* family : {"Gitea", "Forgejo", "Gogs"}) {
    const RawDelivery push = OfFamily(family, PushOf(Gitea()));
    const HookOutcome outcome = Receive(Gitea(), push);
    EXPECT_EQ(outcome.word, "queued") << family;
    EXPECT_EQ(outcome.parsed.delivery_id, "f6266f16-1bf3-46a5-9ea4-602e06ead473") << family;
    const std::string event = std::string("X-") + family + "-Event";
    ExpectRows(Gitea(),
               {{"96", Without(push, event), 400, "malformed"},
                {"96 two", Plus(push, event, "push"), 400, "malformed"},
                {"95", With(push, event, "issues"), 202, "ignored"}});
  }
}

TEST(Gitea, SendsEmptySignaturesWhenItHasNoSecret) {
  const RawDelivery push = Proven(Gitea());
  const RawDelivery unsigned_push =
      With(With(push, "X-Gitea-Signature", ""), "X-Gogs-Signature", "");
  ExpectRows(Gitea(),
             {{"39", unsigned_push, 401, "unauthenticated"},
              {"39 prefix", With(push, "X-Gitea-Signature", "sha256="), 401, "unauthenticated"},
              {"45", Plus(push, "X-Gitea-Signature", ""), 401, "unauthenticated"}});
}

std::string Encoded(const std::string& json) {
  std::string form = "payload=";
  for (const char c : json) {
    form += "%" + HexEncode(std::string(1, c));
  }
  return form;
}

RawDelivery Form(const std::string& body, const std::string& signed_text) {
  RawDelivery request =
      With(Proven(Gitea(), body), "Content-Type", "application/x-www-form-urlencoded");
  return With(request, "X-Gitea-Signature", HexEncode(HmacSha256(Gitea().secret, signed_text)));
}

TEST(Gitea, SignsTheJsonInsideAForm) {
  const std::string push = PushOf(Gitea());
  const std::string form = Encoded(push);
  EXPECT_EQ(Receive(Gitea(), Form(form, push)).parsed.ref_updates.at(0).ref, "refs/heads/main");
  const std::string bad = "{\"a\":\"\xff\"}";
  ExpectRows(Gitea(),
             {{"form trap", Form(form, form), 401, "unauthenticated"},
              {"29", Form(push, push), 401, "unauthenticated"},
              {"31 none", Form("a=b", ""), 401, "unauthenticated"},
              {"31 two", Form(form + "&" + form, push), 401, "unauthenticated"},
              {"31 brackets", Form("payload[]=%7B%7D", "{}"), 401, "unauthenticated"},
              {"32", Form("", ""), 401, "unauthenticated"},
              {"33 %zz", Form("payload=%zz", "%zz"), 401, "unauthenticated"},
              {"33 %ff", Form(Encoded(bad), bad), 400, "malformed"}});
}

TEST(Gitea, FormTrapHasTheDigestsThatAreKnown) {
  const std::string secret = "s3cr3t-s3cr3t-s3cr3t";
  const std::string json = R"({"ref":"refs/heads/main","after":")" + kZeros40 + "\"}";
  EXPECT_EQ(HexEncode(HmacSha256(secret, json)).substr(0, 8), "4a6b1281");
  const auto provider = MakeProvider("gitea", {secret});
  RawDelivery request =
      With(Proven(Gitea(), Encoded(json)), "Content-Type", "application/x-www-form-urlencoded");
  request = With(request, "X-Gitea-Signature", HexEncode(HmacSha256(secret, json)));
  EXPECT_TRUE(provider->Verify(request));
}

TEST(Gitea, SaysDeletionByAnEventOfItsOwn) {
  const std::string body = HookFixture("gitea/delete.json");
  const auto event = [](const char* name, const std::string& text) {
    return ProvenEvent(Gitea(), "X-Gitea-Event", name, text);
  };
  const HookOutcome branch = Receive(Gitea(), event("delete", body));
  const RefUpdate gone{"refs/heads/feature/scores", std::nullopt, std::nullopt, true};
  EXPECT_EQ(branch.parsed.ref_updates, std::vector<RefUpdate>{gone});
  const HookOutcome tag = Receive(Gitea(), event("delete", Changed(body, "/ref_type", "\"tag\"")));
  EXPECT_EQ(tag.parsed.ref_updates.at(0).ref, "refs/tags/feature/scores");
  ExpectRows(
      Gitea(),
      {{"create", event("create", HookFixture("gitea/create.json")), 202, "ignored"},
       {"64 as push", event("push", body), 422, "unusable"},
       {"64 push as delete", event("delete", PushOf(Gitea())), 422, "unusable"},
       {"75", event("delete", Changed(body, "/ref_type", "7")), 422, "unusable"},
       {"85", event("delete", Changed(body, "/ref", "\"-x\"")), 422, "unusable"},
       {"88", event("delete", Changed(body, "/repository/full_name", "\"../x\"")), 422, "unusable"},
       {"89",
        event("delete", Changed(body, "/repository/clone_url", "\"https://evil.example/x\"")),
        202,
        "ignored"}});
}

TEST(Gitea, IsTakenWithShortenedListsAndItsTestButton) {
  for (const char* fixture : {"push_truncated.json",
                              "push_created.json",
                              "push_tag.json",
                              "push_test_delivery.json",
                              "gogs_push.json"}) {
    EXPECT_EQ(ReceiveFixture("gitea", std::string("gitea/") + fixture).word, "queued") << fixture;
  }
}

// --- Bitbucket Cloud

TEST(Bitbucket, SendsManyChangesInOnePush) {
  const HookOutcome outcome = ReceiveFixture("bitbucket", "bitbucket/push_many.json");
  std::vector<RefUpdate> expected = ManyRefs();
  expected.push_back({"refs/tags/main", CommitId(std::string(40, 'c')), std::nullopt, true});
  EXPECT_EQ(outcome.parsed.ref_updates, expected);
  EXPECT_EQ(outcome.parsed.sender, "alice");
  EXPECT_EQ(outcome.parsed.delivery_id, "7d2a6e2c-0000-4000-8000-00000000000a");
}

TEST(Bitbucket, AnswersEachShape) {
  const TestSender& sender = TestSenderOf("bitbucket");
  const RawDelivery push = Proven(sender);
  const std::string body = push.body;
  const auto changed = [&](const char* pointer, const char* value) {
    return Proven(sender, Changed(body, pointer, value));
  };
  ExpectRows(
      sender,
      {{"79", Proven(sender, HookFixture("bitbucket/push_empty.json")), 202, "ignored"},
       {"79 nulls", Proven(sender, HookFixture("bitbucket/push_null_sides.json")), 202, "ignored"},
       {"79 null", changed("/push/changes", "null"), 202, "ignored"},
       {"no push", changed("/push", "null"), 422, "unusable"},
       {"75 push", changed("/push", "[]"), 422, "unusable"},
       {"75 changes", changed("/push/changes", "{}"), 422, "unusable"},
       {"75 item", changed("/push/changes/0", "7"), 422, "unusable"},
       {"75 side", changed("/push/changes/0/new", "7"), 422, "unusable"},
       {"no target", changed("/push/changes/0/new/target", "null"), 422, "unusable"},
       {"bookmark", changed("/push/changes/0/new/type", "\"bookmark\""), 202, "ignored"},
       {"64", Proven(sender, HookFixture("bitbucket/pull_request.json")), 422, "unusable"},
       {"95",
        ProvenEvent(sender,
                    "X-Event-Key",
                    "pullrequest:created",
                    HookFixture("bitbucket/pull_request.json")),
        202,
        "ignored"},
       {"96", Without(push, "X-Event-Key"), 400, "malformed"},
       {"96 two", Plus(push, "X-Event-Key", "repo:push"), 400, "malformed"},
       {"57", With(push, "X-Request-UUID", "a\r\nb"), 400, "malformed"}});
  EXPECT_EQ(MakeProvider(sender)->MaxBodyBytes(), std::size_t{1} << 20U);
}

TEST(Bitbucket, IsFoundBySshToo) {
  const TestSender& sender = TestSenderOf("bitbucket");
  EXPECT_EQ(Receive(*MakeProvider(sender), Proven(sender), "git@bitbucket.org:acme/churn.git").word,
            "queued");
}

// --- Bitbucket Data Center

TEST(BitbucketServer, SendsManyChangesInOnePush) {
  EXPECT_EQ(
      ReceiveFixture("bitbucket-server", "bitbucket-server/push_many.json").parsed.ref_updates,
      ManyRefs());
}

TEST(BitbucketServer, TriesTheConnectionWithoutASignature) {
  const TestSender& sender = TestSenderOf("bitbucket-server");
  const RawDelivery ping = ProvenEvent(
      sender, "X-Event-Key", "diagnostics:ping", HookFixture("bitbucket-server/ping.json"));
  const RawDelivery unsigned_ping = Without(ping, "X-Hub-Signature");
  ExpectRows(
      sender,
      {{"60", unsigned_ping, 200, "ping"},
       {"60 signed", ping, 200, "ping"},
       {"59",
        With(ping, "X-Hub-Signature", "sha256=" + std::string(64, '0')),
        401,
        "unauthenticated"},
       {"59 empty", With(ping, "X-Hub-Signature", ""), 401, "unauthenticated"},
       {"60 two events",
        Plus(unsigned_ping, "X-Event-Key", "repo:refs_changed"),
        401,
        "unauthenticated"},
       {"60 as text", With(unsigned_ping, "Content-Type", "text/plain"), 415, "unsupported_type"}});
  EXPECT_FALSE(MakeProvider(sender)->Verify(unsigned_ping)) << "it proves nothing";
  EXPECT_EQ(Receive(*MakeProvider(sender.word, {}), unsigned_ping, sender.url).status, 503);
  for (const TestSender& other : TestSenders()) {
    if (other.word != sender.word) {
      EXPECT_EQ(Receive(other, unsigned_ping).status, 401) << other.word;
    }
  }
}

TEST(BitbucketServer, NamesTheRepositoryWhenItSendsNoLinks) {
  const TestSender& sender = TestSenderOf("bitbucket-server");
  const auto provider = MakeProvider(sender);
  const RawDelivery push = Proven(sender, HookFixture("bitbucket-server/push_without_links.json"));
  for (const char* url : {"https://bitbucket.example.com/scm/ml/churn.git",
                          "ssh://git@bitbucket.example.com:7999/ml/churn.git"}) {
    EXPECT_EQ(Receive(*provider, push, url).word, "queued") << url;
  }
  for (const char* url : {"https://bitbucket.example.com/scm/ml/churn2.git",
                          "https://bitbucket.example.com/scm/xml/churn.git",
                          "https://bitbucket.example.com/churn.git"}) {
    EXPECT_EQ(Receive(*provider, push, url).word, "ignored") << url;
  }
}

TEST(BitbucketServer, AnswersEachShape) {
  const TestSender& sender = TestSenderOf("bitbucket-server");
  const RawDelivery push = Proven(sender);
  const auto changed = [&](const char* pointer, const char* value) {
    return Proven(sender, Changed(push.body, pointer, value));
  };
  ExpectRows(
      sender,
      {{"empty", Proven(sender, HookFixture("bitbucket-server/push_empty.json")), 202, "ignored"},
       {"76 text", changed("/repository/links/clone", "\"x\""), 422, "unusable"},
       {"76 object", changed("/repository/links/clone", "{}"), 422, "unusable"},
       {"76 entries", changed("/repository/links/clone", "[1, null]"), 422, "unusable"},
       {"76 empty entry", changed("/repository/links/clone", "[{}]"), 202, "queued"},
       {"76 null", changed("/repository/links/clone", "null"), 202, "queued"},
       {"76 links", changed("/repository/links", "[]"), 422, "unusable"},
       {"76 no links", changed("/repository/links", "null"), 202, "queued"},
       {"older ref", changed("/changes/0/ref", "null"), 202, "queued"},
       {"75 changes", changed("/changes", "\"x\""), 422, "unusable"},
       {"77", changed("/repository", "null"), 422, "unusable"},
       {"88 key", changed("/repository/project/key", "\"..\""), 422, "unusable"},
       {"64",
        ProvenEvent(sender, "X-Event-Key", "repo:refs_changed", R"({"test":true})"),
        422,
        "unusable"},
       {"95", ProvenEvent(sender, "X-Event-Key", "pr:opened", "{}"), 202, "ignored"},
       {"96", Without(push, "X-Event-Key"), 400, "malformed"}});
}

// --- Azure DevOps

const TestSender& Azure() {
  return TestSenderOf("azure");
}

TEST(Azure, SendsManyRefsInOnePush) {
  const HookOutcome outcome = ReceiveFixture("azure", "azure/push_many.json");
  EXPECT_EQ(outcome.parsed.ref_updates, ManyRefs());
  EXPECT_EQ(outcome.parsed.event_name, "git.push");
  EXPECT_EQ(outcome.parsed.delivery_id, "03c164c2-8912-4d5e-8009-3707d5f83734-5");
}

TEST(Azure, IsProvenByBasicAuthentication) {
  const RawDelivery push = Proven(Azure());
  const auto basic = [&](const std::string& text) {
    return With(push, "Authorization", "Basic " + Base64Encode(text));
  };
  const std::string good = Base64Encode(Azure().secret);
  ExpectRows(
      Azure(),
      {{"51 base64", With(push, "Authorization", "Basic !!!"), 401, "unauthenticated"},
       {"51 no padding", With(push, "Authorization", "Basic YTpiYw"), 401, "unauthenticated"},
       {"51 no colon", basic("failgate"), 401, "unauthenticated"},
       {"51 other", basic("failgate:pass:with:colon"), 401, "unauthenticated"},
       {"51 user", basic("Failgate:pass:with:colons"), 401, "unauthenticated"},
       {"51 empty", basic(""), 401, "unauthenticated"},
       {"51 bearer", With(push, "Authorization", "Bearer " + good), 401, "unauthenticated"},
       {"51 bare", With(push, "Authorization", good), 401, "unauthenticated"},
       {"51 case", With(push, "Authorization", "basic " + good), 202, "queued"},
       {"51 colons", push, 202, "queued"}});
}

TEST(Azure, IsProvenByAHeaderOfItsOwnWhenThatIsConfigured) {
  ProviderOptions options;
  options.header = "X-Failgate-Token";
  const auto provider =
      std::move(ProviderByName("azure", {Secret("a-long-token")}, options)).value();
  const RawDelivery push = Without(Proven(Azure()), "Authorization");
  const auto answer = [&](const RawDelivery& request) {
    return Receive(*provider, request, Azure().url).status;
  };
  EXPECT_EQ(answer(With(push, "x-failgate-token", "a-long-token")), 202);
  EXPECT_EQ(answer(With(push, "X-Failgate-Token", "a-long-toke")), 401);
  EXPECT_EQ(answer(With(push, "X-Failgate-Token", "")), 401);
  EXPECT_EQ(answer(push), 401);
  EXPECT_EQ(answer(With(push, "Authorization", "Basic " + Base64Encode("a-long-token"))), 401);
  EXPECT_EQ(answer(Plus(With(push, "X-Failgate-Token", "a-long-token"), "X-Failgate-Token", "x")),
            401);
}

TEST(Azure, HasNoSecretWithoutAPassword) {
  for (const char* secret : {"failgate", "failgate:"}) {
    EXPECT_EQ(Receive(*MakeProvider("azure", {secret}), Proven(Azure()), Azure().url).status, 503);
    EXPECT_TRUE(FaultOfSecret("azure", Secret(secret), {})) << secret;
  }
  EXPECT_FALSE(FaultOfSecret("azure", Secret(":x"), {}));
}

TEST(Azure, AnswersEachShapeWithoutBeingSwitchedOff) {
  const RawDelivery push = Proven(Azure());
  const auto changed = [&](const char* pointer, const char* value) {
    return Proven(Azure(), Changed(push.body, pointer, value));
  };
  const auto fixture = [](const char* name) {
    return Proven(Azure(), HookFixture(std::string("azure/") + name));
  };
  ExpectRows(
      Azure(),
      {{"78", fixture("push_empty.json"), 202, "ignored"},
       {"78 null", changed("/resource/refUpdates", "null"), 202, "ignored"},
       {"78 object", changed("/resource/refUpdates", "{}"), 422, "unusable"},
       {"few details", fixture("push_minimal.json"), 202, "ignored"},
       {"test button", fixture("push_test_button.json"), 202, "ignored"},
       {"64", changed("/eventType", "\"git.push\""), 202, "queued"},
       {"95", fixture("pull_request.json"), 202, "ignored"},
       {"96", changed("/eventType", "null"), 422, "unusable"},
       {"96 number", changed("/eventType", "1"), 422, "unusable"},
       {"70",
        Proven(Azure(), R"({"eventType":"git.push","resource":{"refUpdates":[],"refUpdates":1}})"),
        400,
        "malformed"},
       {"57 id", changed("/id", "\"a\\nb\""), 422, "unusable"},
       {"72 id", changed("/notificationId", "9007199254740993"), 422, "unusable"},
       {"no id", changed("/id", "null"), 202, "queued"},
       {"75 resource", changed("/resource", "[]"), 422, "unusable"}});
}

TEST(Azure, FindsARepositoryByEitherOfItsUrls) {
  const auto provider = MakeProvider(Azure());
  const auto word = [&](const char* sent, const char* configured) {
    const std::string body =
        Changed(PushOf(Azure()), "/resource/repository/remoteUrl", '"' + std::string(sent) + '"');
    return Receive(*provider, Proven(Azure(), body), configured).word;
  };
  const char* const ssh = "git@ssh.dev.azure.com:v3/acme/ml/churn";
  EXPECT_EQ(word("https://dev.azure.com/acme/ml/_git/churn", ssh), "queued");
  EXPECT_EQ(word("https://acme@dev.azure.com/acme/ml/_git/churn", ssh), "queued");
  EXPECT_EQ(word("https://dev.azure.com/acme/ml/_git/other", ssh), "ignored");
  EXPECT_EQ(
      word("https://dev.azure.com/acme/_git/churn", "git@ssh.dev.azure.com:v3/acme/churn/churn"),
      "queued");
  EXPECT_EQ(word("https://acme.visualstudio.com/DefaultCollection/ml/_git/churn",
                 "acme@vs-ssh.visualstudio.com:v3/acme/ml/churn"),
            "queued");
  EXPECT_EQ(word("https://evil.example/acme/ml/_git/churn", ssh), "ignored");
}

TEST(Azure, HasNoSshUrlForWhatIsNotOneOfItsRepositories) {
  for (const char* url : {"https://dev.azure.com/acme",
                          "https://dev.azure.com/acme/ml/churn/x",
                          "https://visualstudio.com/acme/ml/_git/churn",
                          "https://.visualstudio.com/_git",
                          "https://dev.azure.com:8443/acme/ml/_git/churn"}) {
    const auto parsed = ParseRepositoryUrl(url);
    EXPECT_FALSE(parsed && AzureSshUrl(*parsed)) << url;
  }
}

}  // namespace
}  // namespace failgate
