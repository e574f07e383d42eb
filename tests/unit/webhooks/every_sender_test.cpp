// Bad inputs that every provider answers alike: the head, the proof, and what is no JSON.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/senders.h"

namespace failgate {
namespace {

constexpr const char* kFormType = "application/x-www-form-urlencoded";

bool TakesForms(const TestSender& sender) {
  return sender.word == "github" || sender.word == "gitea";
}

TEST(EverySender, SendsAnOrdinaryPushThatIsTaken) {
  EXPECT_EQ(TestSenders().size(), ProviderWords().size());
  for (const TestSender& sender : TestSenders()) {
    const HookOutcome outcome = Receive(sender, Proven(sender));
    EXPECT_EQ(outcome.word, "queued") << sender.word;
    ASSERT_EQ(outcome.parsed.ref_updates.size(), 1U) << sender.word;
    const RefUpdate expected{
        "refs/heads/main", CommitId(std::string(40, 'a')), CommitId(std::string(40, 'b')), false};
    EXPECT_EQ(outcome.parsed.ref_updates[0], expected) << sender.word;
    EXPECT_NE(outcome.parsed.sender, "") << sender.word;
  }
}

TEST(EverySender, IsRefusedTypesAndEncodingsBeforeAnythingElse) {
  for (const TestSender& sender : TestSenders()) {
    const RawDelivery push = Proven(sender);
    const auto typed = [&](const char* type) { return With(push, "Content-Type", type); };
    ExpectRows(
        sender,
        {{"25 gzip", Plus(push, "Content-Encoding", "gzip"), 415, "unsupported_type"},
         {"25 br", Plus(push, "Content-Encoding", "br"), 415, "unsupported_type"},
         {"25 deflate", Plus(push, "Content-Encoding", "deflate"), 415, "unsupported_type"},
         {"25 twice", Plus(push, "Content-Encoding", "gzip,gzip"), 415, "unsupported_type"},
         {"26 missing", Without(push, "Content-Type"), 415, "unsupported_type"},
         {"26 text", typed("text/plain"), 415, "unsupported_type"},
         {"26 multipart", typed("multipart/form-data; boundary=x"), 415, "unsupported_type"},
         {"26 before 401",
          Without(typed("text/plain"), sender.proof_header),
          415,
          "unsupported_type"},
         {"27", Plus(push, "Content-Type", "application/json"), 400, "malformed"},
         {"28", typed("application/json; charset=utf-16"), 415, "unsupported_type"},
         {"46", Plus(Plus(push, "Authorization", "a"), "Authorization", "b"), 400, "malformed"}});
    if (!TakesForms(sender)) {
      ExpectRows(sender, {{"30", typed(kFormType), 415, "unsupported_type"}});
    }
  }
}

TEST(EverySender, MustBeProvenByItsOwnHeaderOnce) {
  for (const TestSender& sender : TestSenders()) {
    const RawDelivery push = Proven(sender);
    const std::string compact = Changed(PushOf(sender), "", PushOf(sender));
    const auto proof = [&](const std::string& value) {
      return With(push, sender.proof_header, value);
    };
    std::string good;
    for (const auto& header : push.headers) {
      good = header.first == sender.proof_header ? header.second : good;
    }
    std::vector<HookRow> rows = {
        {"37", Without(push, sender.proof_header), 401, "unauthenticated"},
        {"39 empty", proof(""), 401, "unauthenticated"},
        {"42 blank", proof(good + " "), 401, "unauthenticated"},
        {"45 joined", proof(std::string(good).append(", ").append(good)), 401, "unauthenticated"},
        {"48", sender.request(sender.other_secret, push.body), 401, "unauthenticated"},
        {"50 prefix", proof(good.substr(0, good.size() - 4)), 401, "unauthenticated"}};
    for (const char* wrong : {"x", "sha256=", "sha256=ab", "v1,", "none=", "md5=", "Basic "}) {
      rows.push_back({std::string("40, 44 ") + wrong, proof(wrong), 401, "unauthenticated"});
    }
    if (sender.word == "azure") {
      rows.push_back({"46", Plus(push, sender.proof_header, good), 400, "malformed"});
    } else {
      rows.push_back({"45", Plus(push, sender.proof_header, good), 401, "unauthenticated"});
    }
    if (sender.word != "azure" && sender.word != "gitlab") {
      RawDelivery reserialised = push;
      reserialised.body = compact;
      rows.push_back({"49", reserialised, 401, "unauthenticated"});
    }
    ExpectRows(sender, rows);
  }
}

TEST(EverySender, HasHexDigestsReadStrictly) {
  for (const TestSender& sender : TestSenders()) {
    if (sender.word == "azure" || sender.word == "gitlab" ||
        sender.proof_header == "webhook-signature") {
      continue;
    }
    const RawDelivery push = Proven(sender);
    const std::string prefix = sender.word == "gitea" ? "" : "sha256=";
    const std::string mac = GithubSignature(sender.secret, push.body).substr(7);
    std::string upper = mac;
    for (char& c : upper) {
      c = c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    for (const std::string& wrong : {std::string(64, 'z'),
                                     upper,
                                     mac.substr(1),
                                     mac + "0",
                                     std::string(40, 'a'),
                                     std::string(128, 'a'),
                                     mac + std::string(1, '\0')}) {
      ExpectRows(sender,
                 {{"41, 42, 43 " + wrong,
                   With(push, sender.proof_header, prefix + wrong),
                   401,
                   "unauthenticated"}});
    }
    for (const char* other : {"SHA256=", "sha1=", "sha512=", "sha256 =", "=", "sha256=sha256="}) {
      ExpectRows(sender,
                 {{std::string("44 ") + other,
                   With(push, sender.proof_header, other + mac),
                   401,
                   "unauthenticated"}});
    }
  }
}

TEST(EverySender, IsNotTakenForAnother) {
  for (const TestSender& receiver : TestSenders()) {
    for (const TestSender& sender : TestSenders()) {
      // Those that share header and algorithm are told apart by their secrets alone, and Gitea
      // sends GitHub's headers beside its own.
      const bool alike = receiver.proof_header == sender.proof_header ||
                         (receiver.word == "github" && sender.word == "gitea");
      if (alike) {
        continue;
      }
      ExpectRows(receiver, {{"47 " + sender.word, Proven(sender), 401, "unauthenticated"}});
    }
  }
}

TEST(EverySender, IsAnsweredThatNothingIsTakenWithoutASecret) {
  for (const TestSender& sender : TestSenders()) {
    for (const std::vector<std::string>& secrets :
         {std::vector<std::string>(), std::vector<std::string>{""}}) {
      const auto provider = MakeProvider(sender.word, secrets);
      EXPECT_EQ(Receive(*provider, Proven(sender), sender.url).status, 503) << sender.word;
      const RawDelivery empty = With(Proven(sender), sender.proof_header, "");
      EXPECT_EQ(Receive(*provider, empty, sender.url).status, 503) << sender.word;
    }
  }
}

TEST(EverySender, MayUseTwoSecretsWhileTheyRotate) {
  for (const TestSender& sender : TestSenders()) {
    const RawDelivery push = Proven(sender);
    const auto current = MakeProvider(sender.word, {sender.secret, sender.other_secret});
    const auto previous = MakeProvider(sender.word, {sender.other_secret, sender.secret});
    const auto missing = MakeProvider(sender.word, {"", sender.secret});
    ASSERT_TRUE(current->Verify(push)) << sender.word;
    EXPECT_EQ(current->Verify(push)->secret_index(), 0U) << sender.word;
    EXPECT_EQ(previous->Verify(push)->secret_index(), 1U) << sender.word;
    EXPECT_EQ(missing->Verify(push)->secret_index(), 1U) << sender.word;
  }
}

TEST(EverySender, IsRefusedWhatIsNoJsonOrNoObject) {
  for (const TestSender& sender : TestSenders()) {
    const std::string push = PushOf(sender);
    std::vector<HookRow> rows = {
        {"24", Proven(sender, ""), 400, "malformed"},
        {"29", Proven(sender, "payload=%7B%7D"), 400, "malformed"},
        {"35", Proven(sender, "{\"ref\":\"\xff\"}"), 400, "malformed"},
        {"36", Proven(sender, "\xEF\xBB\xBF" + push), 400, "malformed"},
        {"67", Proven(sender, std::string(1000000, '[')), 400, "malformed"},
        {"69 cut", Proven(sender, push.substr(0, push.size() / 2)), 400, "malformed"},
        {"70", Proven(sender, R"({"ref":"a","ref":"b"})"), 400, "malformed"},
        {"72", Proven(sender, R"({"ref":1e400})"), 422, "unusable"}};
    for (const char* body : {"{}{}", "{\"a\":NaN}", "{/**/}", "{\"a\":1,}"}) {
      rows.push_back({std::string("69 ") + body, Proven(sender, body), 400, "malformed"});
    }
    for (const char* body : {"null", "[]", "\"x\"", "42"}) {
      rows.push_back({std::string("68 ") + body, Proven(sender, body), 422, "unusable"});
    }
    ExpectRows(sender, rows);
  }
}

}  // namespace
}  // namespace failgate
