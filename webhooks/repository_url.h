// Comparing where a payload says its repository lies with where ours is configured.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace failgate {

/// The parts of a clone URL that name a repository. Never used to connect to anything.
struct RepositoryUrl {
  bool ssh = false;  ///< said how to connect; not part of SameRepository
  std::string host;  ///< lower case, no final dot; empty = this machine's file system
  int port = 0;      ///< 0 = the default of its scheme
  std::string path;  ///< no slash at its ends, no ".git" end; lower case unless a file
  bool operator==(const RepositoryUrl&) const = default;
};

/// Reads scheme://[user@]host[:port]/path (http, https, ssh, git), [user@]host:path, file:///path
/// and /path. User information is dropped. nullopt for anything else, such as blanks, control
/// characters, backslashes or non-ASCII bytes in a host, or ".." in a path; it then equals no
/// configured repository.
[[nodiscard]] std::optional<RepositoryUrl> ParseRepositoryUrl(std::string_view text);

/// Same host, port and path. http and https count as one, and so do ssh and https at default ports.
[[nodiscard]] bool SameRepository(const RepositoryUrl& a, const RepositoryUrl& b);

}  // namespace failgate
