#include "controller/api/answers.h"

#include "controller/api/json.h"

namespace failgate {

HttpResponse JsonAnswer(int status, std::string json) {
  HttpResponse response;
  response.status = status;
  response.content_type = "application/json";
  response.body = std::move(json);
  response.body += '\n';
  return response;
}

HttpResponse ErrorAnswer(int status, std::string_view code, std::string_view message) {
  return JsonAnswer(status, ErrorJson(code, message));
}

HttpResponse BusyAnswer(std::string_view code, std::string_view message) {
  HttpResponse response = ErrorAnswer(503, code, message);
  response.headers.emplace_back("Retry-After", kRetryAfterSeconds);
  return response;
}

HttpResponse NoSuch(std::string_view what) {
  return ErrorAnswer(404, "not_found", "there is no " + std::string(what));
}

}  // namespace failgate
