#include "webhooks/payload.h"

#include <gtest/gtest.h>

#include <string>

#include "webhooks/form.h"
#include "webhooks/json_text.h"

namespace failgate {
namespace {

int StatusOf(const std::string& body) {
  const auto payload = Payload::Read(body, {"repository"});
  return payload ? 202 : payload.error().status;
}

std::string Nested(int levels) {
  return R"({"a":)" + std::string(static_cast<std::size_t>(levels - 1), '[') +
         std::string(static_cast<std::size_t>(levels - 1), ']') + "}";
}

TEST(Payload, RefusesWhatIsNoJson) {
  for (const std::string& body : {std::string(),
                                  std::string("  "),
                                  std::string("{}{}"),
                                  std::string(R"({"a":NaN})"),
                                  std::string(R"({"a":1} // x)"),
                                  std::string(R"({"a":01})"),
                                  std::string(R"({"a":1.})"),
                                  std::string(R"({"a":-})"),
                                  std::string(R"({"a":1e400}{})"),
                                  std::string(R"({"a":1e400e1})"),
                                  std::string(R"({"a")"),
                                  std::string(R"({"a":"\q"})"),
                                  std::string("{\"a\":\"\xff\"}"),
                                  std::string("\xEF\xBB\xBF{}"),
                                  std::string("payload=%7B%7D"),
                                  std::string(5000000, '[')}) {
    EXPECT_EQ(StatusOf(body), 400) << body.substr(0, 40);
  }
}

TEST(Payload, AllowsSixtyFourLevelsAndNoMore) {
  EXPECT_EQ(StatusOf(Nested(64)), 202);
  EXPECT_EQ(StatusOf(Nested(65)), 400);
}

TEST(Payload, RefusesKeysThatStandTwiceWhereTheyDecide) {
  EXPECT_EQ(StatusOf(R"({"ref":1,"ref":1})"), 400);
  EXPECT_EQ(StatusOf(R"({"ref":1,"r\u0065f":1})"), 400);
  EXPECT_EQ(StatusOf(R"({"repository":{"clone_url":"a","clone_url":"b"}})"), 400);
  EXPECT_EQ(StatusOf(R"({"sender":{"login":"a","login":"b"}})"), 202) << "decides nothing";
}

TEST(Payload, IsUnusableWhenTheTopIsNoObjectOrANumberIsTooLarge) {
  for (const char* body : {"null",
                           "[]",
                           R"("x")",
                           "42",
                           R"({"a":1e400})",
                           R"({"a":-1E+999 })",
                           R"({"a":[123456789012345678901234567890]})"}) {
    EXPECT_EQ(StatusOf(body), 422) << body;
  }
}

TEST(Payload, ReadsFieldsAndTreatsNullAsAbsent) {
  auto payload = Payload::Read(R"({"a":{"b":"x","n":null},"f":true,"i":7})", {});
  ASSERT_TRUE(payload);
  EXPECT_EQ(payload->Text({"a", "b"}, 1), "x");
  EXPECT_EQ(payload->Text({"a", "n"}, 1), std::nullopt);
  EXPECT_EQ(payload->Text({"a", "c"}, 1), std::nullopt);
  EXPECT_EQ(payload->Text({"c", "d"}, 1), std::nullopt);
  EXPECT_EQ(payload->Flag({"f"}), true);
  EXPECT_EQ(payload->Number({"i"}), 7);
  EXPECT_TRUE(payload->HasObject({"a"}));
  EXPECT_TRUE(payload->usable());
}

bool StaysUsable(const std::string& body, void (*read)(Payload&)) {
  auto payload = Payload::Read(body, {});
  EXPECT_TRUE(payload) << body;
  if (!payload) {
    return false;
  }
  read(*payload);
  return payload->usable();
}

TEST(Payload, RemembersEveryFieldOfTheWrongTypeOrSize) {
  const auto text = [](Payload& payload) { static_cast<void>(payload.Text({"a", "b"}, 2)); };
  const auto flag = [](Payload& payload) { static_cast<void>(payload.Flag({"a"})); };
  const auto number = [](Payload& payload) { static_cast<void>(payload.Number({"a"})); };
  const auto object = [](Payload& payload) { static_cast<void>(payload.HasObject({"a"})); };
  EXPECT_FALSE(StaysUsable(R"({"a":{"b":1}})", text));
  EXPECT_FALSE(StaysUsable(R"({"a":{"b":"xyz"}})", text));
  EXPECT_FALSE(StaysUsable(R"({"a":[]})", text));
  EXPECT_TRUE(StaysUsable(R"({"a":null})", text));
  EXPECT_FALSE(StaysUsable(R"({"a":0})", flag));
  EXPECT_FALSE(StaysUsable(R"({"a":1.5})", number));
  EXPECT_FALSE(StaysUsable(R"({"a":-1})", number));
  EXPECT_FALSE(StaysUsable(R"({"a":9007199254740993})", number));
  EXPECT_TRUE(StaysUsable(R"({"a":9007199254740992})", number));
  EXPECT_FALSE(StaysUsable(R"({"a":[]})", object));
}

TEST(Payload, BoundsListsOfObjectsAndTheirLists) {
  const auto check = [](Payload& payload) { payload.CheckObjects({"c"}, 2, {"x", "y"}, 3); };
  EXPECT_TRUE(StaysUsable(R"({"c":[{"x":[1,2],"y":[3]},{"x":null}]})", check));
  EXPECT_TRUE(StaysUsable(R"({"c":null})", check));
  EXPECT_TRUE(StaysUsable(R"({})", check));
  EXPECT_FALSE(StaysUsable(R"({"c":[{},{},{}]})", check));
  EXPECT_FALSE(StaysUsable(R"({"c":[{"x":[1,2],"y":[3,4]}]})", check));
  EXPECT_FALSE(StaysUsable(R"({"c":[{"x":"1"}]})", check));
  EXPECT_FALSE(StaysUsable(R"({"c":[1]})", check));
  EXPECT_FALSE(StaysUsable(R"({"c":{}})", check));
}

TEST(JsonText, ReplacesOnlySurrogatesWithoutPartner) {
  EXPECT_EQ(ReplaceLoneSurrogates(R"("\ud83d\ude00 \\ud800 \n")"), std::nullopt);
  EXPECT_EQ(ReplaceLoneSurrogates(R"("\ud800x")"), R"("\u001Ax")");
  EXPECT_EQ(ReplaceLoneSurrogates(R"("\uDC00\ud800\u0041")"), R"("\u001A\u001A\u0041")");
  EXPECT_EQ(ReplaceLoneSurrogates(R"("\ud800)"), R"("\u001A)");
  EXPECT_EQ(ReplaceLoneSurrogates(R"(\)"), std::nullopt);
  EXPECT_EQ(StatusOf(R"({"a":"\udfff \ud800"})"), 202);
}

TEST(JsonText, BlanksNumbersButNotDigitsInStringsOrBrokenNumbers) {
  EXPECT_EQ(BlankNumbers(R"({"1":[-12,3.5e+7 ],"\"9":01,"x":1.,"y":-})"),
            R"({"1":[0  ,0      ],"\"9":01,"x":1.,"y":-})");
}

TEST(Form, HasExactlyOneField) {
  EXPECT_EQ(ReadOnlyField("payload=%7B%22a%22%3A+1%7D", "payload"), R"({"a": 1})");
  EXPECT_EQ(ReadOnlyField("payload=", "payload"), "");
  std::string many = "payload=x";
  for (int i = 0; i < 100000; ++i) {
    many += "&k" + std::to_string(i) + "=1";
  }
  for (const std::string& wrong : {std::string(),
                                   std::string("payload"),
                                   std::string("{}"),
                                   std::string("payload=a&payload=b"),
                                   std::string("payload[]=a"),
                                   std::string("other=a"),
                                   std::string("a=b&payload=c"),
                                   std::string("payload=%zz"),
                                   std::string("payload=%7"),
                                   std::string("payload=%"),
                                   many}) {
    EXPECT_EQ(ReadOnlyField(wrong, "payload"), std::nullopt) << wrong.substr(0, 40);
  }
}

}  // namespace
}  // namespace failgate
