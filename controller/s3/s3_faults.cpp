#include "controller/s3/s3_faults.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "controller/s3/s3_answers.h"

namespace failgate {
namespace {

constexpr int kRedirects = 300;
constexpr int kTemporary = 307;
constexpr int kBadRequest = 400;
constexpr int kUnauthorized = 401;
constexpr int kForbidden = 403;
constexpr int kNotFound = 404;
constexpr int kTooMany = 429;
constexpr int kServerFault = 500;
constexpr int kNotImplemented = 501;

using Advice = std::pair<std::string_view, std::string_view>;

/// Of refusals that a person must mend.
constexpr std::array kAdvice = {
    Advice{"AccessDenied",
           "let the key list the bucket and read its objects (s3:ListBucket, s3:GetObject)"},
    Advice{"InvalidAccessKeyId", "it does not know the key: check access_key"},
    Advice{"SignatureDoesNotMatch", "check secret_key: it is not that of access_key"},
    Advice{"ExpiredToken", "the session is over: write a new session_token with its keys"},
    Advice{"InvalidToken", "check session_token: it is not that of access_key"},
    Advice{"RequestTimeTooSkewed", "the clock of this machine is wrong: set it"},
    Advice{"InvalidObjectState", "the object is archived: restore it, or leave it out by pattern"},
    Advice{"NoSuchBucket", "there is no such bucket: check the path of the watch and the endpoint"},
};

std::string_view AdviceOn(std::string_view code, int status) {
  const auto known = std::find_if(
      kAdvice.begin(), kAdvice.end(), [&](const Advice& advice) { return advice.first == code; });
  if (known != kAdvice.end()) return known->second;
  if (status == kUnauthorized || status == kForbidden) return kAdvice.front().second;
  if (status == kNotFound) return "check the path of the watch and the endpoint";
  if (status >= kRedirects && status < kBadRequest) {
    return "it points to another address, which is not followed: check region and endpoint";
  }
  return "check endpoint and region: what answers there may be no S3";
}

std::string RegionToldBy(const ClientResponse& response, const S3Refusal& refusal) {
  const std::string region = response.Header("x-amz-bucket-region").value_or(refusal.region);
  const bool plain = std::all_of(region.begin(), region.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
  return plain && region.size() <= 40 ? region : std::string();
}

}  // namespace

bool IsS3Busy(const ClientResponse& response) {
  return response.status == kTooMany ||
         (response.status >= kServerFault && response.status != kNotImplemented);
}

Error S3Fault(const BucketSettings& bucket,
              const std::string& doing,
              const ClientResponse& response) {
  const S3Refusal refusal = ReadS3Refusal(response.body);
  const std::string says = fmt::format("{}: S3 answered {}{}{}",
                                       doing,
                                       response.status,
                                       refusal.code.empty() ? "" : " ",
                                       refusal.code);
  if (IsS3Busy(response)) return Error(Remedy::kRetry, says + ": it is busy or has a fault");
  if (response.status == kTemporary) {
    return Error(Remedy::kRetry,
                 says +
                     ": it points to another address, which is not followed; a new bucket is "
                     "known everywhere after some minutes, else check region and endpoint");
  }
  const std::string region = RegionToldBy(response, refusal);
  const bool may_be_elsewhere =
      response.status >= kRedirects && response.status <= kBadRequest && !region.empty();
  if (may_be_elsewhere && region != bucket.region) {
    return Error(
        Remedy::kNeedsChange,
        fmt::format("{}: the bucket is in the region {}: write region: {}", says, region, region));
  }
  return Error(Remedy::kNeedsChange,
               fmt::format("{}: {}", says, AdviceOn(refusal.code, response.status)));
}

}  // namespace failgate
