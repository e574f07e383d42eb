// A bucket of S3 or of a server that speaks its protocol: which objects, and how they are reached.
#include <algorithm>
#include <string>
#include <utility>

#include "controller/base/call_address.h"
#include "controller/base/ids.h"
#include "controller/base/text.h"
#include "controller/config/section_reader.h"

namespace failgate {
namespace {

constexpr std::string_view kScheme = "s3://";
constexpr std::size_t kShortestBucket = 3;
constexpr std::size_t kLongestBucket = 63;
constexpr std::size_t kLongestRegion = 40;
constexpr std::size_t kLongestPrefix = 900;
/// Of servers that do not care.
constexpr const char* kUsualRegion = "us-east-1";

bool IsLowerOrDigit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/// It becomes part of a host name: what AWS allows, and nothing else.
bool IsBucketName(const std::string& name) {
  return name.size() >= kShortestBucket && name.size() <= kLongestBucket &&
         std::all_of(name.begin(),
                     name.end(),
                     [](char c) { return IsLowerOrDigit(c) || c == '.' || c == '-'; }) &&
         IsLowerOrDigit(name.front()) && IsLowerOrDigit(name.back()) &&
         name.find("..") == std::string::npos && !IsIpAddress(name);
}

bool IsRegion(const std::string& region) {
  return !region.empty() && region.size() <= kLongestRegion &&
         std::all_of(
             region.begin(), region.end(), [](char c) { return IsLowerOrDigit(c) || c == '-'; });
}

void ReadPath(const YamlNode& at,
              const std::string& what,
              const std::string& path,
              BucketSettings& bucket,
              ReadingContext& context) {
  std::string rest = path.substr(kScheme.size());
  while (!rest.empty() && rest.back() == '/') rest.pop_back();
  const std::size_t slash = rest.find('/');
  bucket.bucket = rest.substr(0, slash);
  bucket.prefix = slash == std::string::npos ? std::string() : rest.substr(slash + 1);
  if (!IsBucketName(bucket.bucket)) {
    context.problems.Add(at,
                         what +
                             ".path: write s3://BUCKET/PREFIX: a bucket's name has 3 to 63 small "
                             "letters, digits, '.' and '-'");
  }
  if (bucket.prefix.empty()) return;
  if (!IsSafeRelativePath(bucket.prefix) || bucket.prefix.size() > kLongestPrefix) {
    context.problems.Add(at,
                         what +
                             ".path: the prefix behind the bucket must be a path without empty "
                             "parts, \".\" and \"..\"");
  }
  bucket.prefix += '/';
}

std::string FaultOfEndpoint(const std::string& url, bool plain_http) {
  const bool http = url.rfind("http://", 0) == 0;
  const std::size_t host = http ? 7 : 8;
  if (!http && url.rfind("https://", 0) != 0) {
    return "must be an https:// address, such as https://s3.eu-west-3.amazonaws.com";
  }
  const bool clean =
      std::all_of(url.begin(), url.end(), [](char c) { return c > 0x20 && c < 0x7f; });
  if (!clean || url.size() == host || url.find_first_of("/?#\"<>\\@", host) != std::string::npos) {
    return "must be an address without credentials, path, query and final slash";
  }
  if (http && !plain_http && !IsLoopbackUrl(url)) {
    return "data would cross the network where anybody may change it: use https://, or write "
           "plain_http: true";
  }
  return FaultOfCallAddress(url).value_or("");
}

std::string HostOf(const std::string& endpoint) {
  const std::size_t scheme = endpoint.find("//");
  const std::string authority =
      scheme == std::string::npos ? endpoint : endpoint.substr(scheme + 2);
  if (!authority.empty() && authority.front() == '[') {
    return authority.substr(1, std::min(authority.find(']'), authority.size()) - 1);
  }
  return authority.substr(0, authority.find(':'));
}

void ReadCredentials(MappingReader& reader,
                     const std::string& what,
                     BucketSettings& bucket,
                     ReadingContext& context) {
  const auto read = [&](const char* key) -> std::optional<SecretReference> {
    const YamlNode* node = reader.Optional(key);
    return node == nullptr ? std::nullopt : ReadSecretReference(*node, what + "." + key, context);
  };
  bucket.access_key = read("access_key");
  bucket.secret_key = read("secret_key");
  bucket.session_token = read("session_token");
  const bool access = reader.Optional("access_key") != nullptr;
  if (access != (reader.Optional("secret_key") != nullptr)) {
    context.problems.Add(reader.node(), what + ": write both access_key and secret_key");
  } else if (!access && reader.Optional("session_token") != nullptr) {
    context.problems.Add(reader.node(),
                         what + ".session_token: goes with access_key and secret_key only");
  }
}

/// Where AWS itself answers for a region.
std::string EndpointOf(const std::string& region) {
  return "https://s3." + region +
         (region.rfind("cn-", 0) == 0 ? ".amazonaws.com.cn" : ".amazonaws.com");
}

}  // namespace

std::optional<BucketSettings> ReadBucket(MappingReader& parent,
                                         const std::string& what,
                                         const std::string& path,
                                         ReadingContext& context) {
  BucketSettings bucket;
  ReadPath(*parent.Optional("path"), what, path, bucket, context);
  const YamlNode* node = parent.Required("s3");
  if (node == nullptr) return std::nullopt;
  const std::string name = what + ".s3";
  MappingReader reader(*node, name, context.problems);
  bucket.endpoint = reader.String("endpoint").value_or("");
  const bool plain_http = reader.Bool("plain_http").value_or(false);
  const bool is_aws = reader.Optional("endpoint") == nullptr;
  if (!is_aws) {
    const std::string fault = FaultOfEndpoint(bucket.endpoint, plain_http);
    if (!fault.empty()) {
      context.problems.Add(*reader.Optional("endpoint"), name + ".endpoint: " + fault);
    }
  } else {
    reader.Required("region");
  }
  bucket.region = reader.String("region").value_or(kUsualRegion);
  if (!IsRegion(bucket.region)) {
    context.problems.Add(*reader.Optional("region"),
                         name + ".region: write a region such as eu-west-3");
  }
  if (is_aws) bucket.endpoint = EndpointOf(bucket.region);
  // A certificate for *.HOST is not one for a name with dots.
  const bool dots = bucket.bucket.find('.') != std::string::npos;
  bucket.path_style = reader.Bool("path_style").value_or(!is_aws || dots);
  if (!bucket.path_style && IsIpAddress(HostOf(bucket.endpoint))) {
    context.problems.Add(*reader.Optional("path_style"),
                         name + ".path_style: must be true where the endpoint is an IP address");
  }
  ReadCredentials(reader, name, bucket, context);
  bucket.ca = OptionalFile(reader, "ca", name + ".ca", context);
  if (bucket.ca && bucket.endpoint.rfind("http://", 0) == 0) {
    context.problems.Add(*reader.Optional("ca"), name + ".ca: goes with an https:// endpoint only");
  }
  reader.Finish();
  return bucket;
}

}  // namespace failgate
