#include "controller/s3/sigv4.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "controller/base/digest.h"
#include "controller/base/percent_encoding.h"
#include "controller/base/text.h"

namespace failgate {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
constexpr std::size_t kDayDigits = 8;

/// Blanks around a value go, and a row of them counts as one.
std::string CanonicalValue(std::string_view value) {
  std::string canonical;
  for (const char c : Trim(value)) {
    if (c != ' ' || canonical.empty() || canonical.back() != ' ') canonical += c;
  }
  return canonical;
}

}  // namespace

std::string AmzDate(TimePoint at) {
  std::string date = FormatTime(at);  // "2013-05-24T00:00:00Z"
  date.erase(std::remove_if(date.begin(), date.end(), [](char c) { return c == '-' || c == ':'; }),
             date.end());
  return date;
}

std::string CanonicalQuery(const TextPairs& parameters) {
  TextPairs encoded;
  for (const auto& [name, value] : parameters) {
    encoded.emplace_back(PercentEncode(name), PercentEncode(value));
  }
  std::sort(encoded.begin(), encoded.end());
  std::string query;
  for (const auto& [name, value] : encoded) {
    query += (query.empty() ? "" : "&") + name + "=" + value;
  }
  return query;
}

std::string CanonicalPath(std::string_view path) {
  std::vector<std::string> parts = Split(path, '/');
  for (std::string& part : parts) part = PercentEncode(part);
  return Join(parts, "/");
}

std::string SignatureV4(const SignedParts& request,
                        const SigningScope& scope,
                        const SigningCredentials& credentials) {
  TextPairs headers = request.headers;
  std::sort(headers.begin(), headers.end());
  std::string canonical_headers;
  std::vector<std::string> names;
  for (const auto& [name, value] : headers) {
    canonical_headers += name + ":" + CanonicalValue(value) + "\n";
    names.push_back(name);
  }
  const std::string signed_headers = Join(names, ";");
  const std::string canonical_request = Join({request.method,
                                              request.path,
                                              request.query,
                                              canonical_headers,
                                              signed_headers,
                                              request.payload_sha256},
                                             "\n");
  const std::string date = AmzDate(scope.at);
  const std::string day = date.substr(0, kDayDigits);
  const std::string scope_text =
      fmt::format("{}/{}/{}/aws4_request", day, scope.region, scope.service);
  const std::string text =
      fmt::format("{}\n{}\n{}\n{}", kAlgorithm, date, scope_text, Sha256Hex(canonical_request));
  std::string key = HmacSha256("AWS4" + credentials.secret_key.Reveal(), day);
  for (const std::string& part : {scope.region, scope.service, std::string("aws4_request")}) {
    key = HmacSha256(key, part);
  }
  return fmt::format("{} Credential={}/{},SignedHeaders={},Signature={}",
                     kAlgorithm,
                     credentials.access_key,
                     scope_text,
                     signed_headers,
                     HexEncode(HmacSha256(key, text)));
}

}  // namespace failgate
