#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "controller/base/error.h"
#include "controller/cli/api_client.h"
#include "controller/cli/json_fields.h"
#include "controller/cli/paging.h"

namespace failgate {
namespace {

ClientResponse Answer(int status, std::string body) {
  ClientResponse response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

TEST(ApiPath, EncodesEveryPart) {
  EXPECT_EQ(ApiPath({"projects", "a/b c", "run"}), "/api/v1/projects/a%2Fb%20c/run");
}

TEST(ExitCodeOf, TellsAGatesRefusalFromOthers) {
  EXPECT_EQ(ExitCodeOf(Answer(202, "{}")), 0);
  EXPECT_EQ(ExitCodeOf(Answer(409, R"({"error":{"code":"gate_refused","message":"no"}})")), 3);
  EXPECT_EQ(ExitCodeOf(Answer(409, R"({"error":{"code":"held","message":"no"}})")), 1);
  EXPECT_EQ(ExitCodeOf(Answer(409, "no JSON")), 1);
  EXPECT_EQ(ExitCodeOf(Answer(404, R"({"error":"gate_refused"})")), 1);
}

TEST(Succeeded, SaysWhatTheServerSaidAndWhatToDo) {
  std::ostringstream out;
  std::ostringstream err;
  Terminal terminal(out, err, {});
  EXPECT_FALSE(
      Succeeded(Answer(401, R"({"error":{"code":"x","message":"who are you"}})"), terminal));
  EXPECT_NE(err.str().find("FAILGATE_TOKEN"), std::string::npos);
  EXPECT_FALSE(
      Succeeded(Answer(404, R"({"error":{"code":"x","message":"no such run"}})"), terminal));
  EXPECT_NE(err.str().find("no such run"), std::string::npos);
  EXPECT_TRUE(Succeeded(Answer(202, ""), terminal));
}

TEST(ParseAnswer, RefusesWhatIsNoJson) {
  EXPECT_THROW(static_cast<void>(ParseAnswer("<html>")), Error);
}

TEST(JsonFields, AreEmptyForWhatIsAbsentOrOfAnotherType) {
  const auto json = nlohmann::json::parse(R"({"a":null,"n":7,"t":"x\u001b","l":["a",1,null]})");
  EXPECT_EQ(TextField(json, "a"), "");
  EXPECT_EQ(TextField(json, "absent"), "");
  EXPECT_EQ(TextField(nlohmann::json::array(), "a"), "");
  EXPECT_EQ(TextField(json, "n"), "7");
  EXPECT_EQ(TextField(json, "t"), "x\\u001b");
  EXPECT_EQ(NumberField(json, "t"), std::nullopt);
  EXPECT_EQ(TextsField(json, "l"), (std::vector<std::string>{"a", "1", ""}));
  EXPECT_TRUE(ItemsField(json, "n").empty());
}

TEST(ReadPages, AsksForOlderOnesUntilThereAreEnough) {
  std::ostringstream out;
  std::ostringstream err;
  Terminal terminal(out, err, {});
  std::vector<std::string> asked;
  const auto page = [&](const std::string& before, std::size_t limit) {
    asked.push_back(before + ":" + std::to_string(limit));
    nlohmann::json items = nlohmann::json::array();
    const std::size_t from = before.empty() ? 1 : std::stoul(before) + 1;
    for (std::size_t i = from; i < from + limit && i <= 450; ++i) {
      items.push_back({{"id", std::to_string(i)}});
    }
    ClientResponse answer = Answer(200, items.dump());
    if (from + limit <= 450) {
      answer.headers.emplace_back("X-Next-Before", std::to_string(from + limit - 1));
    }
    return answer;
  };
  const PagedItems some = ReadPages(page, 300, terminal);
  ASSERT_TRUE(some.items);
  EXPECT_EQ(some.items->size(), 300U);
  EXPECT_EQ(asked, (std::vector<std::string>{":200", "200:100"}));
  const PagedItems all = ReadPages(page, 1000, terminal);
  EXPECT_EQ(all.items->size(), 450U);
}

TEST(ReadPages, StopsWhenTheServerRefuses) {
  std::ostringstream out;
  std::ostringstream err;
  Terminal terminal(out, err, {});
  const PagedItems none =
      ReadPages([](const std::string&, std::size_t) { return Answer(403, "{}"); }, 5, terminal);
  EXPECT_FALSE(none.items);
  EXPECT_EQ(none.exit_code, 1);
}

}  // namespace
}  // namespace failgate
