// The routes of the API: which methods and paths there are, who may use them, what they read.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "controller/api/http_message.h"
#include "controller/api/responder.h"
#include "controller/api/router.h"
#include "controller/base/ids.h"
#include "controller/base/result.h"
#include "controller/store/token_store.h"

namespace failgate {

/// One request on its way through a route. For Access::kToken the role is enough, the token covers
/// {project} if the pattern has one, and the query has no names the route does not know.
struct ApiCall {
  HttpRequest request;
  RouteParameters parameters;
  QueryParameters query;
  TokenIdentity who;  ///< of Access::kToken; nobody else

  /// "" when the pattern has no such parameter.
  [[nodiscard]] std::string Parameter(std::string_view name) const;
  /// "" when the query has none.
  [[nodiscard]] std::string Query(std::string_view name) const;
  [[nodiscard]] ProjectName project() const { return ProjectName(Parameter("project")); }
  [[nodiscard]] EnvironmentName environment() const {
    return EnvironmentName(Parameter("environment"));
  }
};

enum class Access {
  kOpen,     ///< anybody
  kMetrics,  ///< an address of the server file's list, or a viewer
  kToken,    ///< a person with the role
};

/// Runs on a worker thread. Answers, or moves the responder away to answer later. What it throws
/// before is logged and answered 500, an Error that may pass 503.
using RouteFunction = std::function<void(ApiCall& call, Responder& responder)>;
using AnswerFunction = std::function<HttpResponse(const ApiCall& call)>;

struct ApiRoute {
  std::string method;
  std::string pattern;
  Access access = Access::kToken;
  Role role = Role::kViewer;
  std::vector<std::string> query;  ///< names it reads
  std::size_t max_body_bytes = 0;
  bool at_once = false;  ///< on the event loop: touches nothing but memory
  RouteFunction function;
};

/// Filled before the server starts; thread-safe afterwards.
class ApiRoutes {
 public:
  void Add(ApiRoute route);
  /// For viewers.
  void Get(std::string pattern, std::vector<std::string> query, AnswerFunction function);
  /// A JSON body of at most kMaxPostBytes.
  void Post(std::string pattern, Role role, AnswerFunction function);
  void PostLate(std::string pattern, Role role, RouteFunction function);

  using Match = Router<const ApiRoute*>::Match;
  [[nodiscard]] Match Find(std::string_view method, std::string_view path) const {
    return router_.Find(method, path);
  }
  [[nodiscard]] const std::vector<std::unique_ptr<const ApiRoute>>& all() const { return routes_; }

 private:
  std::vector<std::unique_ptr<const ApiRoute>> routes_;
  Router<const ApiRoute*> router_;
};

/// ?limit= (1 to 200, 50 when absent) and ?before=, the X-Next-Before of the page before.
struct Page {
  std::size_t limit = 50;
  std::string before;  ///< empty = from the newest
};
/// The error is a 422 to send.
[[nodiscard]] Result<Page, HttpResponse> ReadPage(const ApiCall& call);
/// Adds X-Next-Before when there may be more: `read` rows were read, the last one is `last`.
[[nodiscard]] HttpResponse WithNext(HttpResponse response,
                                    const Page& page,
                                    std::size_t read,
                                    const std::string& last);
inline constexpr const char* kNextBeforeHeader = "X-Next-Before";

}  // namespace failgate
