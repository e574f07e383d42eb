// Senders that sign more than the body, and those that send our own push format.
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "controller/base/digest.h"
#include "tests/support/senders.h"
#include "webhooks/standard_signature.h"

namespace failgate {
namespace {

RawDelivery At(RawDelivery request, long long seconds) {
  request.received_at = TimePoint(std::chrono::seconds(seconds));
  return request;
}

/// A delivery of `sender`, its id and time chosen and signed rightly.
RawDelivery SignedWith(const TestSender& sender, const std::string& id, const std::string& time) {
  RawDelivery request = Proven(sender);
  const std::string mac = StandardSignatureOf(sender.secret, id, time, request.body);
  return With(With(With(std::move(request), "webhook-id", id), "webhook-timestamp", time),
              "webhook-signature",
              mac);
}

const std::vector<const TestSender*>& StandardSenders() {
  static const std::vector<const TestSender*> senders = {&TestSenderOf("standard"),
                                                         &TestSenderOf("gitlab-signed")};
  return senders;
}

TEST(StandardSignature, MakesTheVectorThatIsPublished) {
  RawDelivery request;
  request.headers = {{"webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"},
                     {"webhook-timestamp", "1614265330"},
                     {"webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="}};
  request.body = R"({"test": 2432232314})";
  request = At(request, 1614265330);
  const StandardSignature signature({Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")});
  EXPECT_TRUE(StandardSignature::IsWellFormed(request.headers));
  EXPECT_EQ(signature.FindSigner(request), 0U);
  request.body.pop_back();
  EXPECT_EQ(signature.FindSigner(request), std::nullopt);
}

TEST(StandardSignature, HoldsForFiveMinutesEitherWay) {
  for (const TestSender* sender : StandardSenders()) {
    const RawDelivery push = Proven(*sender);
    ExpectRows(*sender,
               {{"300 s late", At(push, kReceivedSeconds + 300), 202, "queued"},
                {"300 s early", At(push, kReceivedSeconds - 300), 202, "queued"},
                {"54 301 s late", At(push, kReceivedSeconds + 301), 401, "unauthenticated"},
                {"54 301 s early", At(push, kReceivedSeconds - 301), 401, "unauthenticated"}});
  }
}

TEST(StandardSignature, ReadsTheTimeStrictly) {
  for (const TestSender* sender : StandardSenders()) {
    const std::string now = std::to_string(kReceivedSeconds);
    ExpectRows(*sender, {{"leading zeros", SignedWith(*sender, "a", "00" + now), 202, "queued"}});
    for (const std::string& time : {std::string(),
                                    std::string("1e9"),
                                    std::string("-1"),
                                    std::string("123abc"),
                                    now + "abc",
                                    now + " ",
                                    "+" + now,
                                    now + ".0",
                                    std::string("0"),
                                    std::string("999999999999"),
                                    "000" + now,
                                    std::string(400, '1')}) {
      ExpectRows(*sender, {{"54 " + time, SignedWith(*sender, "a", time), 401, "unauthenticated"}});
    }
  }
}

TEST(StandardSignature, RefusesIdsThatCouldShiftWhatIsSigned) {
  for (const TestSender* sender : StandardSenders()) {
    const std::string now = std::to_string(kReceivedSeconds);
    for (const std::string& id : {std::string("a.b"),
                                  std::string("."),
                                  std::string(),
                                  std::string("a\r\nb"),
                                  std::string("a b"),
                                  std::string(10240, 'a')}) {
      ExpectRows(*sender,
                 {{"57 " + id.substr(0, 9), SignedWith(*sender, id, now), 401, "unauthenticated"}});
    }
    const RawDelivery push = Proven(*sender);
    ExpectRows(*sender,
               {{"63 another id", With(push, "webhook-id", "msg_2"), 401, "unauthenticated"},
                {"no id", Without(push, "webhook-id"), 401, "unauthenticated"},
                {"two ids", Plus(push, "webhook-id", "msg_1"), 401, "unauthenticated"},
                {"no time", Without(push, "webhook-timestamp"), 401, "unauthenticated"}});
  }
}

TEST(StandardSignature, ReadsAListOfSignaturesAndNoLongOne) {
  for (const TestSender* sender : StandardSenders()) {
    const RawDelivery push = Proven(*sender);
    const std::string good =
        StandardSignatureOf(sender->secret, "msg_1", std::to_string(kReceivedSeconds), push.body);
    const std::string other = "v1," + Base64Encode(std::string(32, 'x'));
    const auto with = [&](const std::string& list) {
      return With(push, "webhook-signature", list);
    };
    const auto times = [](int count, const std::string& one) {
      std::string list;
      for (int i = 0; i < count; ++i) {
        list.append(one).append(" ");
      }
      return list;
    };
    ExpectRows(
        *sender,
        {{"second", with(std::string(other).append(" ").append(good)), 202, "queued"},
         {"beside a public key's", with("v1a,AAAA " + good), 202, "queued"},
         {"eight", with(times(7, other) + good), 202, "queued"},
         {"55 nine", with(times(8, other) + good), 401, "unauthenticated"},
         {"55", with(times(10000, other) + good), 401, "unauthenticated"},
         {"56 v1a", with("v1a," + good.substr(3)), 401, "unauthenticated"},
         {"56 v2", with("v2," + good.substr(3)), 401, "unauthenticated"},
         {"40 v1,", with("v1,"), 401, "unauthenticated"},
         {"40 v1, beside a good one", with("v1, " + good), 401, "unauthenticated"},
         {"40 bare", with(good.substr(3)), 401, "unauthenticated"},
         {"two blanks", with(std::string(other).append("  ").append(good)), 401, "unauthenticated"},
         {"loose base64", with(good.substr(0, good.size() - 1)), 401, "unauthenticated"}});
  }
}

TEST(StandardSignature, TakesOnlySecretsOfItsForm) {
  const auto fault = [](const std::string& secret) {
    return StandardSignature::FaultOf(Secret(secret)).has_value();
  };
  const auto of_size = [](std::size_t bytes) {
    return "whsec_" + Base64Encode(std::string(bytes, 'k'));
  };
  EXPECT_FALSE(fault(of_size(24)));
  EXPECT_FALSE(fault(of_size(32)));
  EXPECT_FALSE(fault(of_size(64)));
  for (const std::string& wrong : {of_size(23),
                                   of_size(65),
                                   std::string("whsec_"),
                                   std::string("plain-token-of-the-hook-that-is-long"),
                                   "whpk_" + Base64Encode(std::string(32, 'k')),
                                   Base64Encode(std::string(32, 'k'))}) {
    EXPECT_TRUE(fault(wrong)) << wrong;
    for (const TestSender* sender : StandardSenders()) {
      const auto provider = MakeProvider(sender->word, {wrong});
      EXPECT_EQ(Receive(*provider, Proven(*sender), sender->url).status, 503) << wrong;
    }
  }
}

TEST(GitlabSigned, TakesNoPlainTokenInstead) {
  const TestSender& sender = TestSenderOf("gitlab-signed");
  const RawDelivery push = Proven(sender);
  const RawDelivery token =
      Without(Plus(push, "X-Gitlab-Token", sender.secret), "webhook-signature");
  ExpectRows(
      sender,
      {{"58", token, 401, "unauthenticated"},
       {"58 both", Plus(push, "X-Gitlab-Token", "anything"), 202, "queued"},
       {"96", Without(push, "X-Gitlab-Event"), 400, "malformed"},
       {"97", Proven(sender, HookFixture("gitlab/custom_template.json")), 422, "unusable"},
       {"tag",
        ProvenEvent(sender, "X-Gitlab-Event", "Tag Push Hook", HookFixture("gitlab/tag_push.json")),
        202,
        "queued"}});
  EXPECT_EQ(Receive(sender, push).parsed.delivery_id, "msg_1");
}

TEST(PlainPush, NeedsNothingButARef) {
  for (const char* word : {"standard", "generic"}) {
    const TestSender& sender = TestSenderOf(word);
    const HookOutcome hint =
        Receive(sender, Proven(sender, HookFixture("plain/push_ref_only.json")));
    EXPECT_EQ(hint.word, "queued") << word;
    const RefUpdate said{"refs/heads/main", std::nullopt, std::nullopt, false};
    EXPECT_EQ(hint.parsed.ref_updates, std::vector<RefUpdate>{said}) << word;
    const HookOutcome gone =
        Receive(sender, Proven(sender, HookFixture("plain/push_deleted.json")));
    EXPECT_TRUE(gone.parsed.ref_updates.at(0).deleted) << word;
    for (const char* fixture : {"plain/push_ordinary.json", "plain/push_in_data.json"}) {
      EXPECT_EQ(Receive(sender, Proven(sender, HookFixture(fixture))).word, "queued") << fixture;
    }
  }
}

TEST(PlainPush, AnswersEachShape) {
  for (const char* word : {"standard", "generic"}) {
    const TestSender& sender = TestSenderOf(word);
    const auto body = [&](const char* text) { return Proven(sender, text); };
    const std::string id(40, 'a');
    const std::string contradiction =
        R"({"ref":"refs/heads/x","deleted":true,"after":")" + id + "\"}";
    ExpectRows(
        sender,
        {{"ping", Proven(sender, HookFixture("plain/ping.json")), 202, "ignored"},
         {"95", body(R"({"type":"invoice.paid","data":{"ref":"refs/heads/x"}})"), 202, "ignored"},
         {"no ref", body("{}"), 202, "ignored"},
         {"null ref", body(R"({"ref":null})"), 202, "ignored"},
         {"push", body(R"({"type":"push","ref":"refs/heads/x"})"), 202, "queued"},
         {"75 type", body(R"({"type":1,"ref":"refs/heads/x"})"), 422, "unusable"},
         {"75 data", body(R"({"data":[],"ref":"refs/heads/x"})"), 422, "unusable"},
         {"75 deleted", body(R"({"deleted":1,"ref":"refs/heads/x"})"), 422, "unusable"},
         {"75 repository", body(R"({"repository":{},"ref":"refs/heads/x"})"), 422, "unusable"},
         {"contradiction", body(contradiction.c_str()), 422, "unusable"},
         {"70 data", body(R"({"data":{"ref":"a","ref":"b"}})"), 400, "malformed"},
         {"repository", body(R"({"repository":"","ref":"refs/heads/x"})"), 202, "ignored"}});
  }
}

TEST(Generic, TakesHeaderAndAlgorithmFromItsOptionsAlone) {
  const TestSender& sender = TestSenderOf("generic");
  ProviderOptions options;
  options.header = "X-Push-Signature";
  options.algorithm = MacAlgorithm::kSha512;
  const auto provider =
      std::move(ProviderByName("generic", {Secret(sender.secret)}, options)).value();
  const RawDelivery push = Proven(sender);
  const std::string mac512 =
      HexEncode(HmacKey(Secret(sender.secret), MacAlgorithm::kSha512).Sign(push.body));
  const std::string mac256 = HexEncode(HmacSha256(sender.secret, push.body));
  const auto answer = [&](const std::string& header, const std::string& value) {
    return Receive(*provider, With(push, header, value), sender.url).status;
  };
  EXPECT_EQ(answer("x-push-signature", "sha512=" + mac512), 202);
  EXPECT_EQ(answer("X-Push-Signature", "sha256=" + mac256), 401);
  EXPECT_EQ(answer("X-Push-Signature", "sha512=" + mac256), 401);
  EXPECT_EQ(answer("X-Push-Signature", mac512), 401);
  EXPECT_EQ(answer("X-Signature", "sha512=" + mac512), 401);
  EXPECT_EQ(Receive(sender, With(push, "X-Signature", "sha512=" + mac512)).status, 401);
  EXPECT_EQ(Receive(sender, push).parsed.delivery_id, "") << "each delivery is its own";
}

}  // namespace
}  // namespace failgate
