// The JSON object that a POST brings, read strictly.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "controller/api/http_message.h"
#include "controller/base/result.h"

namespace failgate {

/// Flat: texts and yes/no only. An empty body is an empty object.
class BodyFields {
 public:
  /// 415 for another content type or an encoding, 400 for what is no JSON or has a key twice, 422
  /// for a shape or key that is not known. The error is the answer to send.
  [[nodiscard]] static Result<BodyFields, HttpResponse> Read(const HttpRequest& request,
                                                             const std::vector<std::string>& texts,
                                                             const std::vector<std::string>& flags);
  /// Empty when absent.
  [[nodiscard]] std::string Text(std::string_view key) const;
  [[nodiscard]] bool Flag(std::string_view key) const;

 private:
  std::map<std::string, std::string, std::less<>> texts_;
  std::map<std::string, bool, std::less<>> flags_;
};

inline constexpr std::size_t kMaxPostBytes = std::size_t{64} << 10U;

}  // namespace failgate
