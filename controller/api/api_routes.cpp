#include "controller/api/api_routes.h"

#include <utility>

#include "controller/api/answers.h"
#include "controller/api/body_fields.h"
#include "controller/base/text.h"

namespace failgate {
namespace {

constexpr long long kMaxPageRows = 200;

RouteFunction AtOnce(AnswerFunction function) {
  return [function = std::move(function)](ApiCall& call, Responder& responder) {
    responder.Send(function(call));
  };
}

}  // namespace

std::string ApiCall::Parameter(std::string_view name) const {
  const auto found = parameters.find(name);
  return found == parameters.end() ? std::string() : found->second;
}

std::string ApiCall::Query(std::string_view name) const {
  return query.Get(name).value_or("");
}

void ApiRoutes::Add(ApiRoute route) {
  auto owned = std::make_unique<const ApiRoute>(std::move(route));
  router_.Add(owned->method, owned->pattern, owned.get());
  routes_.push_back(std::move(owned));
}

void ApiRoutes::Get(std::string pattern, std::vector<std::string> query, AnswerFunction function) {
  ApiRoute route;
  route.method = "GET";
  route.pattern = std::move(pattern);
  route.query = std::move(query);
  route.function = AtOnce(std::move(function));
  Add(std::move(route));
}

void ApiRoutes::Post(std::string pattern, Role role, AnswerFunction function) {
  PostLate(std::move(pattern), role, AtOnce(std::move(function)));
}

void ApiRoutes::PostLate(std::string pattern, Role role, RouteFunction function) {
  ApiRoute route;
  route.method = "POST";
  route.pattern = std::move(pattern);
  route.role = role;
  route.max_body_bytes = kMaxPostBytes;
  route.function = std::move(function);
  Add(std::move(route));
}

Result<Page, HttpResponse> ReadPage(const ApiCall& call) {
  Page page;
  page.before = call.Query("before");
  if (const auto text = call.query.Get("limit")) {
    const std::optional<long long> limit = ParseNonNegative(*text);
    if (!limit || *limit < 1 || *limit > kMaxPageRows) {
      return ErrorAnswer(422, "bad_query", "limit must be a number from 1 to 200");
    }
    page.limit = static_cast<std::size_t>(*limit);
  }
  return page;
}

HttpResponse WithNext(HttpResponse response,
                      const Page& page,
                      std::size_t read,
                      const std::string& last) {
  if (read > 0 && read >= page.limit) {
    response.headers.emplace_back(kNextBeforeHeader, last);
  }
  return response;
}

}  // namespace failgate
