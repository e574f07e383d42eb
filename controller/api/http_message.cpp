#include "controller/api/http_message.h"

#include <algorithm>
#include <array>

namespace failgate {
namespace {

char LowerAscii(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

struct Reason {
  int status;
  std::string_view phrase;
};

constexpr std::array<Reason, 26> kReasons = {{{100, "Continue"},
                                              {200, "OK"},
                                              {201, "Created"},
                                              {202, "Accepted"},
                                              {204, "No Content"},
                                              {302, "Found"},
                                              {303, "See Other"},
                                              {304, "Not Modified"},
                                              {400, "Bad Request"},
                                              {401, "Unauthorized"},
                                              {403, "Forbidden"},
                                              {404, "Not Found"},
                                              {405, "Method Not Allowed"},
                                              {406, "Not Acceptable"},
                                              {408, "Request Timeout"},
                                              {409, "Conflict"},
                                              {412, "Precondition Failed"},
                                              {413, "Content Too Large"},
                                              {415, "Unsupported Media Type"},
                                              {417, "Expectation Failed"},
                                              {422, "Unprocessable Content"},
                                              {429, "Too Many Requests"},
                                              {431, "Request Header Fields Too Large"},
                                              {500, "Internal Server Error"},
                                              {502, "Bad Gateway"},
                                              {503, "Service Unavailable"}}};

}  // namespace

bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
           return LowerAscii(x) == LowerAscii(y);
         });
}

std::optional<std::string> RequestHead::Header(std::string_view name) const {
  const std::string* found = nullptr;
  for (const auto& [field, value] : headers) {
    if (!EqualsIgnoringCase(field, name)) {
      continue;
    }
    if (found != nullptr) {
      return std::nullopt;
    }
    found = &value;
  }
  return found == nullptr ? std::nullopt : std::optional<std::string>(*found);
}

std::size_t RequestHead::HeaderCount(std::string_view name) const {
  return static_cast<std::size_t>(
      std::count_if(headers.begin(), headers.end(), [name](const auto& field) {
        return EqualsIgnoringCase(field.first, name);
      }));
}

std::string_view ReasonPhrase(int status) {
  const auto* const found = std::find_if(
      kReasons.begin(), kReasons.end(), [status](const Reason& r) { return r.status == status; });
  return found == kReasons.end() ? std::string_view("Unknown") : found->phrase;
}

HttpResponse StatusResponse(int status, HeaderFields headers) {
  HttpResponse response;
  response.status = status;
  response.body = std::to_string(status) + ' ' + std::string(ReasonPhrase(status)) + '\n';
  response.headers = std::move(headers);
  return response;
}

}  // namespace failgate
