#include "controller/api/json_values.h"

#include "controller/base/secret.h"

namespace failgate::wire {
namespace {

void RedactAll(Json& json) {
  if (json.is_string()) {
    json = Redact(json.get_ref<const std::string&>());
    return;
  }
  if (json.is_structured()) {
    for (Json& item : json) {
      RedactAll(item);
    }
  }
}

}  // namespace

Json TextOrNull(std::string_view text) {
  return text.empty() ? Json(nullptr) : Json(std::string(text));
}

Json TimeOrNull(const std::optional<TimePoint>& time) {
  return time ? Json(FormatTime(*time)) : Json(nullptr);
}

Json Duration(const std::optional<TimePoint>& from, const std::optional<TimePoint>& to) {
  return from && to ? Json((*to - *from).count()) : Json(nullptr);
}

Json PersonOrNull(const Person& person) {
  return person.empty() ? Json(nullptr) : Json(FormatPerson(person));
}

Json Stored(const std::string& json) {
  Json parsed = json.empty() ? Json(nullptr) : Json::parse(json, nullptr, false);
  return parsed.is_discarded() ? Json(nullptr) : parsed;
}

std::string Write(Json json) {
  RedactAll(json);
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace failgate::wire
