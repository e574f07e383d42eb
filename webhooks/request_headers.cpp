#include "webhooks/request_headers.h"

#include <string>

#include "controller/base/text.h"

namespace failgate {
namespace {

char LowerAscii(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) {
    return false;
  }
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (LowerAscii(a[i]) != LowerAscii(b[i])) {
      return false;
    }
  }
  return true;
}

bool IsUnsupportedCharset(std::string_view parameter) {
  const std::size_t equals = parameter.find('=');
  if (!EqualsIgnoringCase(Trim(parameter.substr(0, equals)), "charset")) {
    return false;
  }
  if (equals == std::string_view::npos) {
    return true;
  }
  std::string_view charset = Trim(parameter.substr(equals + 1));
  if (charset.size() >= 2 && charset.front() == '"' && charset.back() == '"') {
    charset = charset.substr(1, charset.size() - 2);
  }
  return !EqualsIgnoringCase(charset, "utf-8");
}

}  // namespace

FoundHeader FindHeader(const HookHeaders& headers, std::string_view name) {
  FoundHeader found;
  for (const auto& header : headers) {
    if (!EqualsIgnoringCase(header.first, name)) {
      continue;
    }
    if (found.count == 0) {
      found.value = header.second;
    }
    ++found.count;
  }
  return found;
}

BodyType ReadBodyType(std::string_view content_type) {
  std::size_t end = content_type.find(';');
  const std::string_view type = Trim(content_type.substr(0, end));
  while (end != std::string_view::npos) {
    const std::size_t begin = end + 1;
    end = content_type.find(';', begin);
    const std::size_t length = end == std::string_view::npos ? end : end - begin;
    if (IsUnsupportedCharset(content_type.substr(begin, length))) {
      return BodyType::kUnsupported;
    }
  }
  if (EqualsIgnoringCase(type, "application/json")) {
    return BodyType::kJson;
  }
  if (EqualsIgnoringCase(type, "application/x-www-form-urlencoded")) {
    return BodyType::kForm;
  }
  return BodyType::kUnsupported;
}

BodyType DeclaredBodyType(const HookHeaders& headers) {
  return ReadBodyType(FindHeader(headers, "Content-Type").value);
}

}  // namespace failgate
