#include "controller/api/body_fields.h"

#include <gtest/gtest.h>

#include "controller/api/api_routes.h"

namespace failgate {
namespace {

HttpRequest Json(const std::string& body, const std::string& type = "application/json") {
  HttpRequest request;
  request.method = "POST";
  request.body = body;
  if (!type.empty()) {
    request.headers = {{"Content-Type", type}};
  }
  return request;
}

int StatusOf(const HttpRequest& request) {
  const auto fields = BodyFields::Read(request, {"release", "reason"}, {"again"});
  return fields ? 200 : fields.error().status;
}

TEST(BodyFields, ReadsTextsAndFlags) {
  const auto fields = BodyFields::Read(Json(R"({"release":"churn-1","reason":null,"again":true})"),
                                       {"release", "reason"},
                                       {"again"});
  ASSERT_TRUE(fields.has_value());
  EXPECT_EQ(fields->Text("release"), "churn-1");
  EXPECT_EQ(fields->Text("reason"), "");
  EXPECT_TRUE(fields->Flag("again"));
}

TEST(BodyFields, TakesNoBodyAsAnEmptyObject) {
  EXPECT_EQ(StatusOf(Json("", "")), 200);
  EXPECT_EQ(StatusOf(Json("")), 200);
  EXPECT_EQ(StatusOf(Json("{}")), 200);
}

TEST(BodyFields, RefusesEverythingElse) {
  struct Case {
    const char* body;
    const char* type;
    int status;
  };
  const Case cases[] = {
      {"{}", "", 415},
      {"{}", "text/plain", 415},
      {"release=x", "application/x-www-form-urlencoded", 415},
      {"", "application/x-www-form-urlencoded", 415},
      {"{}", "application/json; charset=utf-16", 415},
      {"{", "application/json", 400},
      {"{}{}", "application/json", 400},
      {"{\"release\":\"\xFF\"}", "application/json", 400},
      {R"({"release":"a","release":"b"})", "application/json", 400},
      {"[]", "application/json", 422},
      {"null", "application/json", 422},
      {R"({"release":1})", "application/json", 422},
      {R"({"release":{"a":1}})", "application/json", 422},
      {R"({"again":"yes"})", "application/json", 422},
      {R"({"relase":"churn-1"})", "application/json", 422},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(StatusOf(Json(one.body, one.type)), one.status) << one.body << " " << one.type;
  }
  HttpRequest twice = Json("{}");
  twice.headers.emplace_back("content-type", "application/json");
  EXPECT_EQ(StatusOf(twice), 400);
  HttpRequest packed = Json("{}");
  packed.headers.emplace_back("Content-Encoding", "gzip");
  EXPECT_EQ(StatusOf(packed), 415);
  EXPECT_EQ(StatusOf(Json(std::string(60000, '['))), 400);
}

ApiCall CallWith(const std::string& query) {
  ApiCall call;
  call.query = *ParseQuery(query);
  return call;
}

TEST(Pages, AreBoundedAndSayWhatFollows) {
  EXPECT_EQ(ReadPage(CallWith(""))->limit, 50U);
  EXPECT_EQ(ReadPage(CallWith("limit=200&before=x"))->before, "x");
  for (const char* bad : {"limit=0", "limit=201", "limit=-1", "limit=", "limit=x"}) {
    EXPECT_EQ(ReadPage(CallWith(bad)).error().status, 422) << bad;
  }
  const Page page{2, ""};
  EXPECT_TRUE(WithNext({}, page, 1, "a").headers.empty());
  EXPECT_EQ(WithNext({}, page, 2, "b").headers.at(0).second, "b");
}

}  // namespace
}  // namespace failgate
