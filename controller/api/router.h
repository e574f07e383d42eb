// From method and undecoded path to a route and its parameters; strict decoding of paths and
// queries.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "controller/base/result.h"

namespace failgate {

/// Decoded, non-empty, valid UTF-8, without '/', '\', control characters, never "." or "..".
using RouteParameters = std::map<std::string, std::string, std::less<>>;

/// Strict %XX decoding ('+' stays); nullopt for a broken escape.
[[nodiscard]] std::optional<std::string> PercentDecode(std::string_view text);

/// Routes as numbers. Patterns: "/a/{name}/b"; "{name...}" as the last part takes one or more
/// parts. Literal parts match byte for byte (no decoding), and win over parameters. GET also serves
/// HEAD.
class RouteTable {
 public:
  enum class Outcome { kFound, kNotFound, kMethodNotAllowed };
  struct Match {
    Outcome outcome = Outcome::kNotFound;
    std::size_t route = 0;       ///< of kFound
    RouteParameters parameters;  ///< of kFound
    std::string allow;           ///< of kMethodNotAllowed: the Allow header, "GET, HEAD, POST"
  };
  /// Returns 0, 1, 2 … in order. A pattern or method that cannot match, or is there, is a failed
  /// Check.
  std::size_t Add(std::string method, std::string_view pattern);
  /// Thread-safe once no more routes are added.
  [[nodiscard]] Match Find(std::string_view method, std::string_view path) const;

 private:
  struct Route {
    std::string method;
    std::vector<std::string> parts;  ///< "{name}" and "{name...}" kept as written
  };
  std::vector<Route> routes_;
};

/// A RouteTable with a value a route, e.g. its handler function.
template <typename T>
class Router {
 public:
  using Outcome = RouteTable::Outcome;
  struct Match {
    Outcome outcome = Outcome::kNotFound;
    const T* target = nullptr;  ///< of kFound; valid as long as the router
    RouteParameters parameters;
    std::string allow;
  };
  void Add(std::string method, std::string_view pattern, T target) {
    table_.Add(std::move(method), pattern);
    targets_.push_back(std::move(target));
  }
  [[nodiscard]] Match Find(std::string_view method, std::string_view path) const {
    RouteTable::Match found = table_.Find(method, path);
    const bool hit = found.outcome == Outcome::kFound;
    return {found.outcome,
            hit ? &targets_[found.route] : nullptr,
            std::move(found.parameters),
            std::move(found.allow)};
  }

 private:
  RouteTable table_;
  std::vector<T> targets_;
};

/// Decoded query parameters: '+' is a blank, names are unique, values valid UTF-8 without NUL.
class QueryParameters {
 public:
  [[nodiscard]] std::optional<std::string> Get(std::string_view name) const;
  [[nodiscard]] const std::map<std::string, std::string, std::less<>>& all() const {
    return values_;
  }

 private:
  friend Result<QueryParameters> ParseQuery(std::string_view query);
  std::map<std::string, std::string, std::less<>> values_;
};

/// At most 32 parameters, 4096 bytes in all. Refusal code "bad_query": broken escapes, repeated or
/// empty names, control characters, too many or too long.
[[nodiscard]] Result<QueryParameters> ParseQuery(std::string_view query);

}  // namespace failgate
