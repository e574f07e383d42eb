// Where a request goes: the parts of its URL.
#pragma once

#include <string>

namespace failgate {

struct RequestTarget {
  bool tls = false;
  std::string host;  ///< without the brackets of an IPv6 address
  int port = 0;
  std::string path;  ///< with the query

  /// "https://host:443"
  [[nodiscard]] std::string Name() const;
};

/// Throws Error(kNeedsChange), which never repeats the URL.
[[nodiscard]] RequestTarget ParseRequestTarget(const std::string& url);

/// Neither a blank nor a control character, and ASCII.
[[nodiscard]] bool IsVisibleCharacter(char c);

}  // namespace failgate
