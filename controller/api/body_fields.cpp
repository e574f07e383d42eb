#include "controller/api/body_fields.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "controller/api/answers.h"
#include "controller/base/text.h"
#include "webhooks/request_headers.h"

namespace failgate {
namespace {

using Json = nlohmann::json;

/// nlohmann keeps the last of two equal keys; nobody can tell which one was meant.
Json ParseObject(const std::string& body, bool& repeated) {
  std::set<std::string> seen;
  const auto watch = [&](int depth, Json::parse_event_t event, Json& value) {
    if (event == Json::parse_event_t::key && depth == 1) {
      repeated = !seen.insert(value.get<std::string>()).second || repeated;
    }
    return true;
  };
  return Json::parse(body, watch, false);
}

std::optional<HttpResponse> RefuseType(const HttpRequest& request) {
  const std::size_t types = request.HeaderCount("Content-Type");
  if (types > 1) {
    return ErrorAnswer(400, "repeated_header", "the header Content-Type is repeated");
  }
  if (request.HeaderCount("Content-Encoding") > 0) {
    return ErrorAnswer(415, "unsupported_type", "compressed bodies are not accepted");
  }
  const bool json = types == 1 && ReadBodyType(*request.Header("Content-Type")) == BodyType::kJson;
  if (!json && (types == 1 || !request.body.empty())) {
    return ErrorAnswer(415, "unsupported_type", "the content type must be application/json");
  }
  return std::nullopt;
}

bool Contains(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

HttpResponse RefuseKey(const std::string& key,
                       const std::vector<std::string>& texts,
                       const std::vector<std::string>& flags) {
  std::vector<std::string> known = texts;
  known.insert(known.end(), flags.begin(), flags.end());
  const std::string hint = known.empty() ? "no key is" : "known are " + Join(known, ", ");
  return ErrorAnswer(422, "unknown_key", "key " + OneLine(key, 64) + " is not known: " + hint);
}

}  // namespace

Result<BodyFields, HttpResponse> BodyFields::Read(const HttpRequest& request,
                                                  const std::vector<std::string>& texts,
                                                  const std::vector<std::string>& flags) {
  if (auto refused = RefuseType(request)) {
    return *std::move(refused);
  }
  BodyFields fields;
  if (request.body.empty()) {
    return fields;
  }
  bool repeated = false;
  const Json json =
      IsUtf8(request.body) ? ParseObject(request.body, repeated) : Json(Json::value_t::discarded);
  if (json.is_discarded() || repeated) {
    return ErrorAnswer(
        400, "malformed", repeated ? "a key is there twice" : "the body is not JSON in UTF-8");
  }
  if (!json.is_object()) {
    return ErrorAnswer(422, "unusable", "the body must be a JSON object");
  }
  for (const auto& item : json.items()) {
    const std::string& key = item.key();
    const Json& value = item.value();
    if (Contains(texts, key)) {
      if (!value.is_string() && !value.is_null()) {
        return ErrorAnswer(422, "unusable", key + " must be a text");
      }
      fields.texts_[key] = value.is_string() ? value.get<std::string>() : std::string();
    } else if (Contains(flags, key)) {
      if (!value.is_boolean()) {
        return ErrorAnswer(422, "unusable", key + " must be true or false");
      }
      fields.flags_[key] = value.get<bool>();
    } else {
      return RefuseKey(key, texts, flags);
    }
  }
  return fields;
}

std::string BodyFields::Text(std::string_view key) const {
  const auto found = texts_.find(key);
  return found == texts_.end() ? std::string() : found->second;
}

bool BodyFields::Flag(std::string_view key) const {
  const auto found = flags_.find(key);
  return found != flags_.end() && found->second;
}

}  // namespace failgate
