// Repository URLs: which ones git may be given, and when two of them mean the same repository.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "controller/base/result.h"

namespace failgate {

enum class UrlScheme { kHttps, kHttp, kSsh, kFile };

/// A URL that may be handed to git.
struct RemoteUrl {
  UrlScheme scheme = UrlScheme::kHttps;
  std::string text;  ///< as it goes on git's command line; never holds credentials of http(s)
  std::string user;  ///< of ssh; empty = git's choice
  std::string host;  ///< lower case, "" for files; IPv6 in brackets
  int port = 0;      ///< 0 = the scheme's own
  std::string path;  ///< with leading '/' but for the scp form
};

/// https, http, ssh, the scp form "user@host:path", file:// and absolute paths. Refused: any other
/// transport ("ext::"), a leading '-', control characters and blanks, credentials in http(s) URLs.
[[nodiscard]] Result<RemoteUrl> ParseRemoteUrl(std::string_view text);

/// For comparing what a webhook names with what is configured: "host[:port]/path", lower-case host,
/// no scheme, user, default port, final '/' or ".git". nullopt when it is no repository URL.
[[nodiscard]] std::optional<std::string> NormaliseRepositoryUrl(std::string_view text);

}  // namespace failgate
