#include "controller/store/json_columns.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "controller/base/error.h"

namespace failgate {
namespace {

using nlohmann::json;

std::string Dump(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

// Refs are written with every delivery and are plain nearly always.
void AppendQuoted(std::string& list, const std::string& text) {
  const bool plain = std::all_of(text.begin(), text.end(), [](char c) {
    return c >= ' ' && c < '\x7f' && c != '"' && c != '\\';
  });
  if (!plain) {
    list += Dump(json(text));
    return;
  }
  list += '"';
  list += text;
  list += '"';
}

json Load(const std::string& text) {
  json value = json::parse(text, nullptr, false);
  Check(value.is_array(), "a list column of the database holds a JSON array");
  return value;
}

std::string TextOf(const json& value) {
  Check(value.is_string(), "an item of a list column is a string");
  return value.get<std::string>();
}

}  // namespace

std::string EncodeTexts(const std::vector<std::string>& texts) {
  return Dump(json(texts));
}

std::string EncodeRefs(const std::vector<RefHint>& refs) {
  std::string list = "[";
  for (const RefHint& hint : refs) {
    list += list.size() > 1 ? ",[" : "[";
    AppendQuoted(list, hint.ref);
    list += hint.deleted ? ",true]" : ",false]";
  }
  return list + "]";
}

std::vector<std::string> DecodeTexts(const std::string& text) {
  std::vector<std::string> texts;
  for (const json& item : Load(text)) texts.push_back(TextOf(item));
  return texts;
}

HeaderList DecodeHeaders(const std::string& text) {
  HeaderList headers;
  for (const json& item : Load(text)) {
    Check(item.is_array() && item.size() == 2, "a stored header is a pair");
    headers.emplace_back(TextOf(item[0]), TextOf(item[1]));
  }
  return headers;
}

std::vector<RefHint> DecodeRefs(const std::string& text) {
  std::vector<RefHint> refs;
  for (const json& item : Load(text)) {
    Check(item.is_array() && item.size() == 2 && item[1].is_boolean(), "a stored ref is a pair");
    RefHint hint;
    hint.ref = TextOf(item[0]);
    hint.deleted = item[1].get<bool>();
    refs.push_back(std::move(hint));
  }
  return refs;
}

}  // namespace failgate
