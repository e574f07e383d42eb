// Each sender over the wire: what the server file says of it reaches its provider, what it sends is
// stored.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "controller/base/digest.h"
#include "controller/base/text.h"
#include "tests/integration/api/api_world.h"
#include "webhooks/signature.h"

namespace failgate {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kHookSecret = "s3cret-of-every-sender";
constexpr const char* kAzureSecret = "failgate:s3cret-of-every-sender";
constexpr const char* kStandardSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

std::string Fixture(const std::string& name) {
  return ReadFile(std::string(FAILGATE_HOOK_FIXTURES) + "/" + name);
}

/// A world with one source a sender, named after it.
class HookSenders : public testing::Test {
 protected:
  HookSenders() {
    Add("gitea", "gitea", "https://git.example.com/ml/churn.git", kHookSecret);
    Add("bitbucket", "bitbucket", "https://bitbucket.org/acme/churn.git", kHookSecret);
    Add("server",
        "bitbucket-server",
        "https://bitbucket.example.com/scm/ml/churn.git",
        kHookSecret);
    Add("azure", "azure", "https://dev.azure.com/acme/ml/_git/churn", kAzureSecret);
    Add("azure-token", "azure", "git@ssh.dev.azure.com:v3/acme/ml/churn", kHookSecret).header =
        "X-Failgate-Token";
    Add("signed", "gitlab-signed", "https://gitlab.example.com/ml/churn.git", kStandardSecret);
    Add("standard", "standard", "https://git.example.com/ml/churn.git", kStandardSecret);
    Add("unsigned", "standard", "https://git.example.com/ml/churn.git", kHookSecret);
    WebhookSettings& generic =
        Add("generic", "generic", "https://git.example.com/ml/churn.git", kHookSecret);
    generic.header = "X-Push-Signature";
    generic.algorithm = "sha512";
    world_ = std::make_unique<ApiWorld>(50000, sources_);
  }

  RawAnswer Post(const std::string& source, HeaderFields headers, const std::string& body) {
    headers.emplace_back("Content-Type", "application/json; charset=utf-8");
    return world_->Send(RawRequest("POST", "/hooks/" + source, headers, body));
  }
  /// Posts, and expects it to be stored as the newest row.
  DeliveryRecord Store(const std::string& source, HeaderFields headers, const std::string& body) {
    const RawAnswer answer = Post(source, std::move(headers), body);
    EXPECT_EQ(answer.status, 202) << source << answer.body;
    const std::vector<DeliveryRecord> rows = world_->inbox.List({});
    EXPECT_FALSE(rows.empty()) << source;
    return rows.empty() ? DeliveryRecord{} : rows.front();
  }
  HeaderFields Standard(const std::string& id, const std::string& body) {
    const auto now =
        std::chrono::duration_cast<std::chrono::seconds>(world_->clock.Now().time_since_epoch());
    const std::string time = std::to_string(now.count());
    const std::string key = Base64Decode(std::string(kStandardSecret).substr(6)).value();
    const std::string text = id + "." + time + "." + body;
    return {{"webhook-id", id},
            {"webhook-timestamp", time},
            {"webhook-signature", "v1," + Base64Encode(HmacSha256(key, text))}};
  }

  std::unique_ptr<ApiWorld> world_;

 private:
  WebhookSettings& Add(const std::string& name,
                       const std::string& provider,
                       const std::string& url,
                       const std::string& secret) {
    WriteFileDurably(folder_.path() / name, secret + "\n", 0600);
    SourceSettings source;
    source.name = SourceName(name);
    source.url = url;
    source.projects = {ProjectName("project-of-" + name)};
    source.webhook = WebhookSettings{provider, {SecretReference{"", folder_.path() / name}}};
    sources_.push_back(source);
    return *sources_.back().webhook;
  }

  TemporaryFolder folder_;
  std::vector<SourceSettings> sources_;
};

std::string Hex(const std::string& body) {
  return HexEncode(HmacSha256(kHookSecret, body));
}

TEST_F(HookSenders, AreStoredWithAllTheirRefsAndNoProof) {
  const std::string gitea = Fixture("gitea/push_ordinary.json");
  const std::string cloud = Fixture("bitbucket/push_many.json");
  const std::string server = Fixture("bitbucket-server/push_many.json");
  const std::string azure = Fixture("azure/push_many.json");
  const std::string gitlab = Fixture("gitlab/push_ordinary.json");
  const std::string plain = Fixture("plain/push_in_data.json");
  const std::string mac512 =
      HexEncode(HmacKey(Secret(kHookSecret), MacAlgorithm::kSha512).Sign(plain));
  HeaderFields signed_gitlab = Standard("msg_1", gitlab);
  signed_gitlab.emplace_back("X-Gitlab-Event", "Push Hook");
  const std::vector<DeliveryRecord> stored = {
      Store("gitea", {{"X-Gitea-Event", "push"}, {"X-Gitea-Signature", Hex(gitea)}}, gitea),
      Store("bitbucket",
            {{"X-Event-Key", "repo:push"}, {"X-Hub-Signature", "sha256=" + Hex(cloud)}},
            cloud),
      Store("server",
            {{"X-Event-Key", "repo:refs_changed"}, {"X-Hub-Signature", "sha256=" + Hex(server)}},
            server),
      Store("azure", {{"Authorization", "Basic " + Base64Encode(kAzureSecret)}}, azure),
      Store("azure-token", {{"X-Failgate-Token", kHookSecret}}, azure),
      Store("signed", signed_gitlab, gitlab),
      Store("standard", Standard("msg_2", plain), plain),
      Store("generic", {{"X-Push-Signature", "sha512=" + mac512}}, plain)};
  for (const DeliveryRecord& row : stored) {
    EXPECT_EQ(row.status, DeliveryStatus::kQueued) << row.source.text();
    ASSERT_FALSE(row.refs.empty()) << row.source.text();
    EXPECT_EQ(row.refs[0].ref, "refs/heads/main") << row.source.text();
    for (const auto& header : row.headers) {
      EXPECT_THAT(ToLower(header.first), Not(HasSubstr("signature")));
      EXPECT_THAT(header.second, Not(HasSubstr("s3cret"))) << header.first;
    }
  }
  EXPECT_EQ(stored[1].refs.size(), 5U);
  EXPECT_EQ(stored[2].refs.size(), 4U);
  EXPECT_TRUE(stored[3].refs.at(2).deleted);
  EXPECT_EQ(stored[5].delivery_id, "msg_1");
}

TEST_F(HookSenders, KnowASecretOfTheWrongFormFromNone) {
  const std::string plain = Fixture("plain/push_in_data.json");
  EXPECT_EQ(Post("unsigned", Standard("msg_1", plain), plain).status, 503);
}

TEST_F(HookSenders, AnswerTheUnsignedTryOfAConnectionAndKeepNothing) {
  const std::string ping = Fixture("bitbucket-server/ping.json");
  const RawAnswer answer = Post("server", {{"X-Event-Key", "diagnostics:ping"}}, ping);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(nlohmann::json::parse(answer.body).at("status"), "pong");
  EXPECT_THAT(answer.head, HasSubstr("X-Content-Type-Options: nosniff"));
  EXPECT_EQ(Post("server", {{"X-Event-Key", "diagnostics:ping"}}, "no JSON").status, 200);
  EXPECT_EQ(Post("server", {{"X-Event-Key", "diagnostics:ping"}}, std::string(70000, 'x')).status,
            413);
  EXPECT_EQ(Post("bitbucket", {{"X-Event-Key", "diagnostics:ping"}}, ping).status, 401);
  EXPECT_TRUE(world_->inbox.List({}).empty());
}

TEST_F(HookSenders, MayNotReplayASignatureThatIsOld) {
  const std::string plain = Fixture("plain/push_in_data.json");
  const HeaderFields headers = Standard("msg_1", plain);
  EXPECT_EQ(Post("standard", headers, plain).status, 202);
  EXPECT_THAT(Post("standard", headers, plain).body, HasSubstr("duplicate"));
  world_->clock.Advance(std::chrono::seconds(301));
  EXPECT_EQ(Post("standard", headers, plain).status, 401);
}

TEST_F(HookSenders, OfBitbucketCloudMaySendOneMebibyte) {
  const std::string large(std::size_t{1} << 20U, ' ');
  EXPECT_EQ(Post("bitbucket",
                 {{"X-Event-Key", "repo:push"}, {"X-Hub-Signature", "sha256=" + Hex(large)}},
                 large)
                .status,
            400);
  EXPECT_EQ(Post("bitbucket",
                 {{"X-Event-Key", "repo:push"}, {"X-Hub-Signature", "sha256=" + Hex(large + " ")}},
                 large + " ")
                .status,
            413);
}

TEST_F(HookSenders, OfAzureAreNeverAnsweredThatTheHookIsGone) {
  const HeaderFields proof = {{"Authorization", "Basic " + Base64Encode(kAzureSecret)}};
  for (const char* body : {"",
                           "null",
                           "{}",
                           "[",
                           R"({"eventType":"git.push"})",
                           R"({"eventType":"git.push","resource":{"refUpdates":[]}})"}) {
    const int status = Post("azure", proof, body).status;
    EXPECT_TRUE(status == 202 || status == 400 || status == 422) << body << status;
  }
}

}  // namespace
}  // namespace failgate
