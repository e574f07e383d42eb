#include "controller/api/router.h"

#include <algorithm>

#include "controller/base/error.h"
#include "controller/base/text.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxQueryParameters = 32;
constexpr std::size_t kMaxQueryBytes = 4096;

int HexValue(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  if (c >= 'a' && c <= 'f') {
    return c - 'a' + 10;
  }
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool HasControl(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
  });
}

bool IsParameter(std::string_view part) {
  return part.size() > 2 && part.front() == '{';
}
bool IsTail(std::string_view part) {
  return IsParameter(part) && part.size() > 5 && part.substr(part.size() - 4) == "...}";
}
std::string ParameterName(std::string_view part) {
  const bool tail = IsTail(part);
  part.remove_prefix(1);
  part.remove_suffix(tail ? 4 : 1);
  return std::string(part);
}

/// nullopt for a part that means something else to one reader than to another.
std::optional<std::string> DecodePart(std::string_view part) {
  if (part.find_first_of(";\\") != std::string_view::npos) {
    return std::nullopt;
  }
  std::optional<std::string> text = PercentDecode(part);
  if (!text || text->empty() || *text == "." || *text == ".." ||
      text->find_first_of("/\\") != std::string::npos || HasControl(*text) || !IsUtf8(*text)) {
    return std::nullopt;
  }
  return text;
}

std::optional<RouteParameters> MatchParts(const std::vector<std::string>& pattern,
                                          const std::vector<std::string>& parts) {
  RouteParameters parameters;
  std::size_t at = 0;
  for (const std::string& wanted : pattern) {
    if (at == parts.size()) {
      return std::nullopt;
    }
    if (!IsParameter(wanted)) {
      if (wanted != parts[at++]) {
        return std::nullopt;
      }
      continue;
    }
    std::string value;
    do {
      const std::optional<std::string> part = DecodePart(parts[at++]);
      if (!part) {
        return std::nullopt;
      }
      value += (value.empty() ? "" : "/") + *part;
    } while (IsTail(wanted) && at < parts.size());
    parameters.emplace(ParameterName(wanted), std::move(value));
  }
  return at == parts.size() ? std::optional<RouteParameters>(std::move(parameters)) : std::nullopt;
}

/// true: a literal of `a` stands where `b` has a parameter, first difference from the left.
bool IsMoreExact(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    const int rank_a = IsTail(a[i]) ? 2 : static_cast<int>(IsParameter(a[i]));
    const int rank_b = IsTail(b[i]) ? 2 : static_cast<int>(IsParameter(b[i]));
    if (rank_a != rank_b) {
      return rank_a < rank_b;
    }
  }
  return false;
}

std::vector<std::string> PathParts(std::string_view path) {
  return Split(path.substr(1), '/');
}

void AddMethod(std::vector<std::string>& methods, const std::string& method) {
  if (std::find(methods.begin(), methods.end(), method) == methods.end()) {
    methods.push_back(method);
  }
}

Refusal BadQuery(std::string text) {
  return {"bad_query", std::move(text)};
}

std::optional<std::string> DecodeQueryText(std::string_view text) {
  std::string blanks(text);
  std::replace(blanks.begin(), blanks.end(), '+', ' ');
  std::optional<std::string> decoded = PercentDecode(blanks);
  if (!decoded || HasControl(*decoded) || !IsUtf8(*decoded)) {
    return std::nullopt;
  }
  return decoded;
}

}  // namespace

std::optional<std::string> PercentDecode(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    if (text.size() - i < 3) {
      return std::nullopt;
    }
    const int high = HexValue(text[i + 1]);
    const int low = HexValue(text[i + 2]);
    if (high < 0 || low < 0) {
      return std::nullopt;
    }
    decoded += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return decoded;
}

std::size_t RouteTable::Add(std::string method, std::string_view pattern) {
  Check(!pattern.empty() && pattern.front() == '/', "a route pattern starts with '/'");
  Check(!method.empty() && method != "HEAD", "a route has a method; GET serves HEAD");
  Route route{std::move(method), PathParts(pattern)};
  for (std::size_t i = 0; i < route.parts.size(); ++i) {
    Check(!IsTail(route.parts[i]) || i + 1 == route.parts.size(), "{name...} is the last part");
  }
  for (const Route& other : routes_) {
    Check(other.method != route.method || other.parts != route.parts, "a route is added once");
  }
  routes_.push_back(std::move(route));
  return routes_.size() - 1;
}

RouteTable::Match RouteTable::Find(std::string_view method, std::string_view path) const {
  Match match;
  if (path.empty() || path.front() != '/') {
    return match;
  }
  const std::string_view wanted = method == "HEAD" ? std::string_view("GET") : method;
  const std::vector<std::string> parts = PathParts(path);
  std::vector<std::string> allowed;
  for (std::size_t i = 0; i < routes_.size(); ++i) {
    const Route& route = routes_[i];
    std::optional<RouteParameters> parameters = MatchParts(route.parts, parts);
    if (!parameters) {
      continue;
    }
    AddMethod(allowed, route.method);
    if (route.method == "GET") {
      AddMethod(allowed, "HEAD");
    }
    const bool better =
        match.outcome != Outcome::kFound || IsMoreExact(route.parts, routes_[match.route].parts);
    if (route.method == wanted && better) {
      match.outcome = Outcome::kFound;
      match.route = i;
      match.parameters = std::move(*parameters);
    }
  }
  if (match.outcome != Outcome::kFound && !allowed.empty()) {
    std::sort(allowed.begin(), allowed.end());
    match.outcome = Outcome::kMethodNotAllowed;
    match.allow = Join(allowed, ", ");
  }
  return match;
}

std::optional<std::string> QueryParameters::Get(std::string_view name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? std::nullopt : std::optional<std::string>(found->second);
}

Result<QueryParameters> ParseQuery(std::string_view query) {
  QueryParameters parameters;
  if (query.empty()) {
    return parameters;
  }
  if (query.size() > kMaxQueryBytes) {
    return BadQuery("the query is longer than 4096 bytes");
  }
  for (const std::string& pair : Split(query, '&')) {
    const std::size_t equals = pair.find('=');
    const auto name = DecodeQueryText(std::string_view(pair).substr(0, equals));
    const auto value =
        DecodeQueryText(equals == std::string::npos ? std::string_view()
                                                    : std::string_view(pair).substr(equals + 1));
    if (!name || !value) {
      return BadQuery("the query is not valid percent-encoded UTF-8 text");
    }
    if (name->empty()) {
      return BadQuery("a query parameter has no name");
    }
    if (!parameters.values_.emplace(*name, *value).second) {
      return BadQuery("a query parameter is given twice");
    }
    if (parameters.values_.size() > kMaxQueryParameters) {
      return BadQuery("the query has more than 32 parameters");
    }
  }
  return parameters;
}

}  // namespace failgate
