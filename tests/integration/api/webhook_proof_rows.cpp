#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "controller/base/digest.h"
#include "tests/integration/api/webhook_rows.h"

namespace failgate {
namespace {

constexpr const char* kFormType = "application/x-www-form-urlencoded";
const std::string kZeros(64, '0');

void AddTypeRows(std::vector<WebhookRow>& rows, const TestSender& sender) {
  const RawDelivery push = Proven(sender);
  const auto typed = [&](const char* type) { return With(push, "Content-Type", type); };
  AddCases(
      rows,
      sender,
      {{25, "gzip", Plus(push, "Content-Encoding", "gzip"), "415"},
       {25, "br", Plus(push, "Content-Encoding", "br"), "415"},
       {25, "deflate", Plus(push, "Content-Encoding", "deflate"), "415"},
       {25, "twice", Plus(push, "Content-Encoding", "gzip,gzip"), "415"},
       {26, "missing", Without(push, "Content-Type"), "415"},
       {26, "text", typed("text/plain"), "415"},
       {26, "multipart", typed("multipart/form-data; boundary=x"), "415"},
       {26, "before 401", Without(typed("text/plain"), sender.proof_header), "415"},
       {27, "two types", Plus(push, "Content-Type", "application/json"), "400"},
       {28, "utf-16", typed("application/json; charset=utf-16"), "415"},
       {28, "charset of no value", typed("application/json; charset"), "415"},
       {46, "twice", Plus(Plus(push, "Authorization", "Basic a"), "Authorization", "b"), "400"}});
  if (sender.word != "github" && sender.word != "gitea") {
    AddCases(rows, sender, {{30, "form", typed(kFormType), "415"}});
  }
}

std::string ProofOf(const TestSender& sender, const RawDelivery& push) {
  for (const auto& header : push.headers) {
    if (header.first == sender.proof_header) {
      return header.second;
    }
  }
  return {};
}

void AddProofRows(std::vector<WebhookRow>& rows, const TestSender& sender) {
  const RawDelivery push = Proven(sender);
  const std::string good = ProofOf(sender, push);
  const auto proof = [&](const std::string& value) {
    return With(push, sender.proof_header, value);
  };
  std::vector<HookCase> cases = {
      {37, "no proof", Without(push, sender.proof_header), "401"},
      {39, "empty", proof(""), "401"},
      {45, "joined", proof(std::string(good).append(", ").append(good)), "401"},
      {48, "secret of another", sender.request(sender.other_secret, push.body), "401"},
      {50, "prefix", proof(good.substr(0, good.size() - 4)), "401"},
      {50, "wrong", proof("wrong"), "401"}};
  for (const char* wrong : {"x", "sha256=", "sha256=ab", "v1,"}) {
    cases.push_back({40, wrong, proof(wrong), "401"});
  }
  for (const char* other : {"md5=", "none=", "sha1=", "sha512=", "SHA256="}) {
    cases.push_back({44, other, proof(other + kZeros), "401"});
  }
  if (sender.word != "azure") {
    cases.push_back({45, "twice", Plus(push, sender.proof_header, good), "401"});
  }
  if (sender.word != "azure" && sender.word != "gitlab") {
    RawDelivery reserialised = push;
    reserialised.body = nlohmann::json::parse(push.body).dump();
    cases.push_back({49, "serialised again", reserialised, "401"});
  }
  AddCases(rows, sender, cases);
}

void AddForeignRows(std::vector<WebhookRow>& rows, const TestSender& receiver) {
  for (const TestSender& sender : TestSenders()) {
    const bool alike = receiver.proof_header == sender.proof_header ||
                       (receiver.word == "github" && sender.word == "gitea");
    if (!alike) {
      AddCases(rows, receiver, {{47, "a request of " + sender.word, Proven(sender), "401"}});
    }
  }
}

void AddGithubRows(std::vector<WebhookRow>& rows) {
  const TestSender& github = TestSenderOf("github");
  const RawDelivery push = Proven(github);
  const std::string digits = ProofOf(github, push).substr(7);
  std::string upper = digits;
  for (char& c : upper) {
    c = c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  const auto signature = [&](const std::string& value) {
    return With(push, "X-Hub-Signature-256", value);
  };
  const auto ping = ProvenEvent(github, "X-GitHub-Event", "ping", HookFixture("github/ping.json"));
  AddCases(
      rows,
      github,
      {{25,
        "identity",
        With(Plus(push, "Content-Encoding", "identity"), "X-GitHub-Delivery", "i"),
        "202 queued"},
       {28,
        "utf-8",
        With(With(push, "content-type", "Application/JSON;charset=\"UTF-8\""),
             "X-GitHub-Delivery",
             "utf-8"),
        "202 queued"},
       {41, "no hex", signature("sha256=" + std::string(64, 'z')), "401"},
       {42, "digits in upper case", signature("sha256=" + upper), "401"},
       {42, "prefix in upper case", signature("SHA256=" + digits), "401"},
       {42, "blank inside", signature("sha256= " + digits), "401"},
       {42,
        "header name in lower case",
        With(With(push, "x-hub-signature-256", "sha256=" + digits), "X-GitHub-Delivery", "lower"),
        "202 queued"},
       {43,
        "sha1 alone",
        Plus(Without(push, "X-Hub-Signature-256"), "X-Hub-Signature", "sha1=" + digits.substr(24)),
        "401"},
       {59, "bad signature", With(ping, "X-Hub-Signature-256", "sha256=" + kZeros), "401"},
       {59, "good signature", ping, "200"}});
  rows.push_back({38, "no secret", RawHookAs("POST", "/hooks/broken", push), {"503"}});
  rows.push_back({38,
                  "signed with nothing",
                  RawHookAs("POST", "/hooks/broken", signature(GithubSignature("x", push.body))),
                  {"503"}});
}

void AddTokenRows(std::vector<WebhookRow>& rows) {
  const TestSender& gitlab = TestSenderOf("gitlab");
  const RawDelivery bare = Without(Proven(gitlab), "X-Gitlab-Token");
  for (const char* key : {"token", "access_token", "secret"}) {
    rows.push_back(
        {52,
         std::string("query ") + key,
         RawHookAs("POST", "/hooks/gitlab?" + std::string(key) + "=" + gitlab.secret, bare),
         {"401"}});
  }
  AddCases(rows, gitlab, {{53, "nothing at all", Without(bare, "X-Gitlab-Event"), "401"}});
  const TestSender& azure = TestSenderOf("azure");
  const auto basic = [&](const std::string& value) {
    return With(Proven(azure), "Authorization", value);
  };
  AddCases(rows,
           azure,
           {{51, "no base64", basic("Basic !!!"), "401"},
            {51, "no colon", basic("Basic " + Base64Encode("failgate")), "401"},
            {51, "other", basic("Basic " + Base64Encode("failgate:pass:with:colon")), "401"},
            {51, "as bearer", basic("Bearer " + Base64Encode(azure.secret)), "401"},
            {51, "colons in the password", Proven(azure), "202 queued"}});
}

void AddStandardRows(std::vector<WebhookRow>& rows, const TestSender& sender) {
  const RawDelivery push = Proven(sender);
  const auto signed_with = [&](const std::string& id, const std::string& time) {
    const std::string mac = StandardSignatureOf(sender.secret, id, time, push.body);
    return With(
        With(With(push, "webhook-id", id), "webhook-timestamp", time), "webhook-signature", mac);
  };
  const auto at = [&](long long seconds) { return signed_with("a", std::to_string(seconds)); };
  const std::string now = std::to_string(kReceivedSeconds);
  std::string many;
  for (int i = 0; i < 400; ++i) {
    many += "v1," + Base64Encode(std::string(16, 'a')) + " ";
  }
  const std::string good = ProofOf(sender, push);
  std::vector<HookCase> cases = {
      {0, "good", push, "202 queued"},
      {54, "6 minutes late", at(kReceivedSeconds + 360), "401"},
      {54, "6 minutes early", at(kReceivedSeconds - 360), "401"},
      {55, "many signatures", With(push, "webhook-signature", many + good), "401"},
      {56, "other version", With(push, "webhook-signature", "v2" + good.substr(2)), "401"},
      {56, "asymmetric", With(push, "webhook-signature", "v1a" + good.substr(2)), "401"},
      {57, "dot in the id", signed_with("a.b", now), "401"},
      {57, "CR LF in the id", signed_with("a\r\nb", now), "400"},
      {57, "id of 10 KB", signed_with(std::string(10240, 'a'), now), "401"}};
  for (const char* time : {"1e9", "-1", "123abc", ""}) {
    cases.push_back({54, std::string("time ") + time, signed_with("a", time), "401"});
  }
  AddCases(rows, sender, cases);
}

}  // namespace

std::vector<WebhookRow> ProofRows() {
  std::vector<WebhookRow> rows;
  for (const TestSender& sender : TestSenders()) {
    AddTypeRows(rows, sender);
    AddProofRows(rows, sender);
    AddForeignRows(rows, sender);
  }
  AddGithubRows(rows);
  AddTokenRows(rows);
  AddStandardRows(rows, TestSenderOf("standard"));
  AddStandardRows(rows, TestSenderOf("gitlab-signed"));
  const TestSender& signed_gitlab = TestSenderOf("gitlab-signed");
  const RawDelivery push = Proven(signed_gitlab);
  AddCases(rows,
           signed_gitlab,
           {{58,
             "plain token instead",
             Without(Plus(push, "X-Gitlab-Token", signed_gitlab.secret), "webhook-signature"),
             "401"}});
  const TestSender& github = TestSenderOf("github");
  AddCases(rows,
           github,
           {{57, "CR LF in the id", With(Proven(github), "X-GitHub-Delivery", "a\r\nb"), "400"},
            {57,
             "id of 10 KB",
             With(Proven(github), "X-GitHub-Delivery", std::string(10240, 'a')),
             "400"}});
  const TestSender& server = TestSenderOf("bitbucket-server");
  const RawDelivery ping = Without(
      ProvenEvent(
          server, "X-Event-Key", "diagnostics:ping", HookFixture("bitbucket-server/ping.json")),
      "X-Hub-Signature");
  AddCases(rows,
           server,
           {{60, "unsigned ping", ping, "200"},
            {60,
             "unsigned ping with a bad signature",
             With(ping, "X-Hub-Signature", "sha256=" + kZeros),
             "401"}});
  return rows;
}

}  // namespace failgate
