#include "controller/deploylog/people_state.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "controller/base/error.h"

namespace failgate {
namespace {

using Json = nlohmann::json;

ToldToken TokenOf(const Json& json) {
  ToldToken token{json.at("person"), json.at("role"), json.at("projects"), std::nullopt};
  if (json.contains("expires")) {
    token.expires = ParseTime(json.at("expires").get<std::string>());
    Check(token.expires.has_value(), "a time in expires");
  }
  return token;
}

PeopleState StateOf(const Json& json) {
  PeopleState state;
  Check(json.at("sequence").is_number_unsigned(), "a whole number in sequence");
  state.sequence = json.at("sequence");
  for (const auto& token : json.at("tokens").items()) {
    state.tokens[token.key()] = TokenOf(token.value());
  }
  state.told = json.at("told").get<std::vector<std::string>>();
  state.keys = json.at("keys").get<std::set<std::string>>();
  return state;
}

}  // namespace

void PeopleState::RememberTold(std::string change) {
  told.push_back(std::move(change));
  if (told.size() > kTokenChangesRemembered) {
    told.erase(told.begin());
  }
}

void PeopleState::DropExpired(TimePoint now) {
  std::erase_if(tokens, [now](const auto& token) {
    return token.second.expires && *token.second.expires <= now;
  });
}

std::string WriteJson(const PeopleState& state) {
  Json json{{"sequence", state.sequence},
            {"tokens", Json::object()},
            {"told", state.told},
            {"keys", state.keys}};
  for (const auto& [id, token] : state.tokens) {
    Json& told = json["tokens"][id];
    told = Json{{"person", token.person}, {"role", token.role}, {"projects", token.projects}};
    if (token.expires) {
      told["expires"] = FormatTime(*token.expires);
    }
  }
  return json.dump(1) + "\n";
}

Result<PeopleState> ReadPeopleState(std::string_view json) {
  try {
    return StateOf(Json::parse(json));
  } catch (const std::exception& error) {
    return Refusal{"malformed_state",
                   fmt::format("{} of the deploy log: {}", kPeoplePath, error.what())};
  }
}

}  // namespace failgate
