#include "webhooks/form.h"

#include <cstddef>

namespace failgate {
namespace {

int HexValue(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

}  // namespace

std::optional<std::string> ReadOnlyField(std::string_view form, std::string_view name) {
  // A second '&' or another name ends it here, so a form of 100,000 keys costs one search.
  if (form.substr(0, name.size()) != name || form.size() <= name.size() ||
      form[name.size()] != '=' || form.find('&') != std::string_view::npos) {
    return std::nullopt;
  }
  const std::string_view encoded = form.substr(name.size() + 1);
  std::string value;
  value.reserve(encoded.size());
  for (std::size_t i = 0; i < encoded.size(); ++i) {
    if (encoded[i] != '%') {
      value.push_back(encoded[i] == '+' ? ' ' : encoded[i]);
      continue;
    }
    if (encoded.size() - i < 3) {
      return std::nullopt;
    }
    const int high = HexValue(encoded[i + 1]);
    const int low = HexValue(encoded[i + 2]);
    if (high < 0 || low < 0) {
      return std::nullopt;
    }
    value.push_back(static_cast<char>(high * 16 + low));
    i += 2;
  }
  return value;
}

}  // namespace failgate
