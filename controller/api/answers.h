// Answers of the API with the headers that all of them carry.
#pragma once

#include <string>
#include <string_view>

#include "controller/api/http_message.h"

namespace failgate {

/// application/json.
[[nodiscard]] HttpResponse JsonAnswer(int status, std::string json);
/// {error: {code, message}}
[[nodiscard]] HttpResponse ErrorAnswer(int status, std::string_view code, std::string_view message);
/// 503 with Retry-After.
[[nodiscard]] HttpResponse BusyAnswer(std::string_view code, std::string_view message);
/// 404 "not_found": "there is no WHAT".
[[nodiscard]] HttpResponse NoSuch(std::string_view what);

inline constexpr const char* kRetryAfterSeconds = "10";

}  // namespace failgate
