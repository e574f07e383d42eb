#include "controller/registry/registry_answers.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "controller/base/percent_encoding.h"
#include "controller/base/text.h"
#include "controller/config/image_name.h"

namespace failgate {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxChallenge = 4096;
constexpr std::size_t kMaxToken = std::size_t{16} << 10U;
constexpr std::string_view kHttps = "https://";
constexpr std::string_view kHttp = "http://";

bool StartsWith(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

bool IsPrintable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

/// Takes `name="value"` and the comma behind it off `text`; false when it is something else.
bool TakeParameter(std::string_view& text, std::string& name, std::string& value) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos || equals + 1 >= text.size() || text[equals + 1] != '"') {
    return false;
  }
  name = ToLower(Trim(text.substr(0, equals)));
  const std::size_t end = text.find('"', equals + 2);
  if (end == std::string_view::npos) {
    return false;
  }
  value = std::string(text.substr(equals + 2, end - equals - 2));
  text = Trim(text.substr(end + 1));
  if (!text.empty() && text.front() != ',') {
    return false;
  }
  text = text.empty() ? text : Trim(text.substr(1));
  return value.find('\\') == std::string::npos;
}

std::string HostOf(std::string_view authority) {
  return ToLower(authority.substr(0, authority.find(':')));
}

bool MayBeAsked(std::string_view realm,
                std::string_view registry,
                const std::vector<std::string>& token_hosts) {
  const bool https = StartsWith(realm, kHttps);
  if (!https && !StartsWith(realm, kHttp)) {
    return false;
  }
  const std::string_view rest = realm.substr((https ? kHttps : kHttp).size());
  const std::string_view authority = rest.substr(0, rest.find('/'));
  if (!IsRegistryHost(authority)) {
    return false;
  }
  const std::string host = HostOf(authority);
  if (!https) {
    return IsLoopbackHost(registry) && host == HostOf(registry);
  }
  return host == HostOf(registry) ||
         std::find(token_hosts.begin(), token_hosts.end(), host) != token_hosts.end();
}

}  // namespace

std::optional<RegistryChallenge> ReadChallenge(std::string_view header) {
  header = Trim(header);
  const std::size_t blank = header.find(' ');
  const std::string scheme = ToLower(header.substr(0, blank));
  RegistryChallenge challenge;
  if (header.size() > kMaxChallenge || (scheme != "basic" && scheme != "bearer")) {
    return std::nullopt;
  }
  if (scheme == "basic") {
    return challenge;
  }
  challenge.scheme = RegistryChallenge::Scheme::kBearer;
  std::string_view rest =
      blank == std::string_view::npos ? std::string_view() : Trim(header.substr(blank));
  std::string name;
  std::string value;
  while (!rest.empty()) {
    if (!TakeParameter(rest, name, value)) {
      return std::nullopt;
    }
    if (name == "realm") {
      challenge.realm = value;
    } else if (name == "service") {
      challenge.service = value;
    }
  }
  return challenge.realm.empty() ? std::nullopt
                                 : std::optional<RegistryChallenge>(std::move(challenge));
}

Result<std::string> TokenUrl(const RegistryChallenge& challenge,
                             std::string_view registry,
                             std::string_view repository,
                             const std::vector<std::string>& token_hosts) {
  const std::string& realm = challenge.realm;
  if (!IsPrintable(realm) || realm.find_first_of("@?#\\") != std::string::npos ||
      !MayBeAsked(realm, registry, token_hosts)) {
    return Refusal{"realm",
                   "the registry sends to \"" + OneLine(realm, 100) +
                       "\" for a token, which is neither https of its own host nor of one under "
                       "`token_hosts`"};
  }
  std::string url =
      realm + "?scope=" + PercentEncode("repository:" + std::string(repository) + ":pull");
  if (!challenge.service.empty()) {
    url += "&service=" + PercentEncode(challenge.service);
  }
  return url;
}

std::optional<std::string> ReadRegistryToken(std::string_view text) {
  const json answer = json::parse(text, nullptr, false);
  if (!answer.is_object()) {
    return std::nullopt;
  }
  for (const char* key : {"token", "access_token"}) {
    const auto found = answer.find(key);
    if (found == answer.end() || !found->is_string()) {
      continue;
    }
    const auto& token = found->get_ref<const std::string&>();
    if (!token.empty() && token.size() <= kMaxToken && IsPrintable(token)) {
      return token;
    }
  }
  return std::nullopt;
}

std::optional<std::vector<std::string>> ReadTagList(std::string_view text) {
  const json answer = json::parse(text, nullptr, false);
  if (!answer.is_object() || !answer.contains("tags")) {
    return std::nullopt;
  }
  std::vector<std::string> tags;
  const json& list = answer["tags"];
  if (list.is_null()) {
    return tags;
  }
  if (!list.is_array()) {
    return std::nullopt;
  }
  for (const json& tag : list) {
    if (!tag.is_string() || !IsImageTag(tag.get_ref<const std::string&>())) {
      return std::nullopt;
    }
    tags.push_back(tag.get<std::string>());
  }
  return tags;
}

std::optional<std::string> NextTagPage(std::string_view link) {
  const std::size_t open = link.find('<');
  const std::size_t close = link.find('>');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open ||
      ToLower(link.substr(close)).find("rel=\"next\"") == std::string::npos) {
    return std::nullopt;
  }
  const std::string_view address = link.substr(open + 1, close - open - 1);
  const std::size_t question = address.find('?');
  if (question == std::string_view::npos) {
    return std::nullopt;
  }
  for (const std::string& parameter : Split(address.substr(question + 1), '&')) {
    if (StartsWith(parameter, "last=") && IsImageTag(parameter.substr(5))) {
      return parameter.substr(5);
    }
  }
  return std::nullopt;
}

bool IsImageDigest(std::string_view text) {
  const std::size_t colon = text.find(':');
  const std::string_view algorithm = text.substr(0, colon);
  const std::string_view digits =
      colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
  const bool sized = (algorithm == "sha256" && digits.size() == 64) ||
                     (algorithm == "sha512" && digits.size() == 128);
  return sized && std::all_of(digits.begin(), digits.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

}  // namespace failgate
