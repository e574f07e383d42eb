#include "tests/support/senders.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "controller/base/digest.h"

namespace failgate {
namespace {

using nlohmann::json;

constexpr const char* kPlain = "s3cret-of-the-churn-hook";
constexpr const char* kOtherPlain = "s3cret-of-another-hook";
constexpr const char* kStandard = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
constexpr const char* kOtherStandard = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

RawDelivery Json(HookHeaders headers, std::string body) {
  RawDelivery request;
  request.headers = {{"Content-Type", "application/json; charset=utf-8"}};
  request.headers.insert(request.headers.end(), headers.begin(), headers.end());
  request.body = std::move(body);
  request.received_at = TimePoint(std::chrono::seconds(kReceivedSeconds));
  return request;
}

RawDelivery Github(const std::string& secret, std::string body) {
  std::string mac = GithubSignature(secret, body);
  return Json({{"X-GitHub-Event", "push"},
               {"X-GitHub-Delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958"},
               {"X-Hub-Signature-256", std::move(mac)}},
              std::move(body));
}

RawDelivery Gitlab(const std::string& secret, std::string body) {
  return Json({{"X-Gitlab-Event", "Push Hook"},
               {"Idempotency-Key", "f5c9b4a1-0001"},
               {"X-Gitlab-Token", secret}},
              std::move(body));
}

RawDelivery Standard(const std::string& secret, std::string body) {
  const std::string time = std::to_string(kReceivedSeconds);
  std::string mac = StandardSignatureOf(secret, "msg_1", time, body);
  return Json(
      {{"webhook-id", "msg_1"}, {"webhook-timestamp", time}, {"webhook-signature", std::move(mac)}},
      std::move(body));
}

RawDelivery GitlabSigned(const std::string& secret, std::string body) {
  return Plus(Standard(secret, std::move(body)), "X-Gitlab-Event", "Push Hook");
}

RawDelivery Gitea(const std::string& secret, std::string body) {
  const std::string mac = HexEncode(HmacSha256(secret, body));
  return Json({{"X-Gitea-Event", "push"},
               {"X-Gitea-Delivery", "f6266f16-1bf3-46a5-9ea4-602e06ead473"},
               {"X-Gitea-Signature", mac},
               {"X-GitHub-Event", "push"},
               {"X-GitHub-Delivery", "f6266f16-1bf3-46a5-9ea4-602e06ead473"},
               {"X-Hub-Signature", "sha1=" + mac.substr(0, 40)},
               {"X-Hub-Signature-256", "sha256=" + mac}},
              std::move(body));
}

RawDelivery Bitbucket(const std::string& secret, std::string body) {
  std::string mac = GithubSignature(secret, body);
  return Json({{"X-Event-Key", "repo:push"},
               {"X-Request-UUID", "7d2a6e2c-0000-4000-8000-00000000000a"},
               {"X-Hook-UUID", "7d2a6e2c-0000-4000-8000-00000000000b"},
               {"X-Attempt-Number", "1"},
               {"X-Hub-Signature", std::move(mac)}},
              std::move(body));
}

RawDelivery BitbucketServer(const std::string& secret, std::string body) {
  std::string mac = GithubSignature(secret, body);
  return Json({{"X-Event-Key", "repo:refs_changed"},
               {"X-Request-Id", "e35a8bbf-6a4c-4d6a-8d2f-000000000001"},
               {"X-Hub-Signature", std::move(mac)}},
              std::move(body));
}

RawDelivery Azure(const std::string& secret, std::string body) {
  return Json({{"Authorization", "Basic " + Base64Encode(secret)}}, std::move(body));
}

RawDelivery Generic(const std::string& secret, std::string body) {
  std::string mac = GithubSignature(secret, body);
  return Json({{"X-Signature", std::move(mac)}}, std::move(body));
}

TestSender Plain(std::string word,
                 std::string push,
                 RawDelivery (*request)(const std::string&, std::string)) {
  TestSender sender;
  sender.word = std::move(word);
  sender.secret = kPlain;
  sender.other_secret = kOtherPlain;
  sender.push = std::move(push);
  sender.request = request;
  sender.ref = "/ref";
  sender.before = "/before";
  sender.after = "/after";
  return sender;
}

std::vector<TestSender> MakeSenders() {
  TestSender github = Plain("github", "github/push_ordinary.json", Github);
  github.url = "https://github.com/acme/churn.git";
  github.proof_header = "X-Hub-Signature-256";
  github.repository_url = "/repository/clone_url";
  github.repository = "/repository";
  github.name = "/repository/full_name";
  github.commits = "/commits";

  TestSender gitlab = Plain("gitlab", "gitlab/push_ordinary.json", Gitlab);
  gitlab.url = "https://gitlab.example.com/ml/churn.git";
  gitlab.proof_header = "X-Gitlab-Token";
  gitlab.repository_url = "/project/git_http_url";
  gitlab.repository = "/project";
  gitlab.name = "/project/path_with_namespace";
  gitlab.commits = "/commits";

  TestSender gitlab_signed = gitlab;
  gitlab_signed.word = "gitlab-signed";
  gitlab_signed.secret = kStandard;
  gitlab_signed.other_secret = kOtherStandard;
  gitlab_signed.request = GitlabSigned;
  gitlab_signed.proof_header = "webhook-signature";

  TestSender gitea = Plain("gitea", "gitea/push_ordinary.json", Gitea);
  gitea.url = "https://git.example.com/ml/churn.git";
  gitea.proof_header = "X-Gitea-Signature";
  gitea.repository_url = "/repository/clone_url";
  gitea.repository = "/repository";
  gitea.name = "/repository/full_name";
  gitea.commits = "/commits";

  TestSender bitbucket = Plain("bitbucket", "bitbucket/push_ordinary.json", Bitbucket);
  bitbucket.url = "https://bitbucket.org/acme/churn.git";
  bitbucket.proof_header = "X-Hub-Signature";
  bitbucket.ref = "/push/changes/0/new/name";
  bitbucket.ref_is_full = false;
  bitbucket.before = "/push/changes/0/old/target/hash";
  bitbucket.after = "/push/changes/0/new/target/hash";
  bitbucket.repository_url = "/repository/links/html/href";
  bitbucket.repository = "/repository";
  bitbucket.name = "/repository/full_name";
  bitbucket.commits = "/push/changes/0/commits";

  TestSender server =
      Plain("bitbucket-server", "bitbucket-server/push_ordinary.json", BitbucketServer);
  server.url = "https://bitbucket.example.com/scm/ml/churn.git";
  server.proof_header = "X-Hub-Signature";
  server.ref = "/changes/0/ref/id";
  server.before = "/changes/0/fromHash";
  server.after = "/changes/0/toHash";
  server.repository_url = "/repository/links/clone/1/href";
  server.repository = "/repository";
  server.name = "/repository/slug";

  TestSender azure = Plain("azure", "azure/push_ordinary.json", Azure);
  azure.secret = "failgate:pass:with:colons";
  azure.other_secret = "failgate:another";
  azure.url = "https://dev.azure.com/acme/ml/_git/churn";
  azure.proof_header = "Authorization";
  azure.ref = "/resource/refUpdates/0/name";
  azure.before = "/resource/refUpdates/0/oldObjectId";
  azure.after = "/resource/refUpdates/0/newObjectId";
  azure.repository_url = "/resource/repository/remoteUrl";
  azure.repository = "/resource/repository";
  azure.name = "/resource/repository/name";
  azure.commits = "/resource/commits";

  TestSender standard = Plain("standard", "plain/push_in_data.json", Standard);
  standard.secret = kStandard;
  standard.other_secret = kOtherStandard;
  standard.url = "https://git.example.com/ml/churn.git";
  standard.proof_header = "webhook-signature";
  standard.ref = "/data/ref";
  standard.before = "/data/before";
  standard.after = "/data/after";
  standard.repository_url = "/data/repository";

  TestSender generic = Plain("generic", "plain/push_ordinary.json", Generic);
  generic.url = standard.url;
  generic.proof_header = "X-Signature";
  generic.repository_url = "/repository";

  return {github, gitlab, gitlab_signed, gitea, bitbucket, server, azure, standard, generic};
}

}  // namespace

const std::vector<TestSender>& TestSenders() {
  static const std::vector<TestSender> senders = MakeSenders();
  return senders;
}

const TestSender& TestSenderOf(std::string_view word) {
  const auto& senders = TestSenders();
  const auto found = std::find_if(
      senders.begin(), senders.end(), [&](const TestSender& one) { return one.word == word; });
  if (found == senders.end()) {
    throw std::invalid_argument(std::string(word));
  }
  return *found;
}

std::string PushOf(const TestSender& sender) {
  return HookFixture(sender.push);
}

std::string Changed(const std::string& fixture,
                    const std::string& pointer,
                    const std::string& json_value) {
  json payload = json::parse(fixture);
  payload[json::json_pointer(pointer)] = json::parse(json_value);
  return payload.dump();
}

RawDelivery Proven(const TestSender& sender, std::string body) {
  return sender.request(sender.secret, std::move(body));
}

RawDelivery Proven(const TestSender& sender) {
  return Proven(sender, PushOf(sender));
}

RawDelivery ProvenEvent(const TestSender& sender,
                        std::string_view event_header,
                        std::string event,
                        std::string body) {
  return With(Proven(sender, std::move(body)), event_header, std::move(event));
}

std::unique_ptr<const Provider> MakeProvider(const TestSender& sender) {
  return MakeProvider(sender.word, {sender.secret});
}

HookOutcome Receive(const TestSender& sender, const RawDelivery& request) {
  return Receive(*MakeProvider(sender), request, sender.url);
}

void ExpectRows(const TestSender& sender, const std::vector<HookRow>& rows) {
  const auto provider = MakeProvider(sender);
  for (const HookRow& row : rows) {
    const HookOutcome outcome = Receive(*provider, row.request, sender.url);
    EXPECT_EQ(outcome.status, row.status) << sender.word << ": " << row.name;
    EXPECT_EQ(outcome.word, row.word) << sender.word << ": " << row.name;
  }
}

std::string StandardSignatureOf(const std::string& secret,
                                std::string_view id,
                                std::string_view time,
                                std::string_view body) {
  const std::string key = Base64Decode(secret.substr(secret.find('_') + 1)).value();
  const std::string text = std::string(id).append(".").append(time).append(".").append(body);
  return "v1," + Base64Encode(HmacSha256(key, text));
}

}  // namespace failgate
