// What was written when an artifact was brought out of the store.
#pragma once

#include <string>

namespace failgate {

/// One entry that Materialise wrote; folders are not listed.
struct MaterialisedFile {
  std::string path;    ///< relative to the destination, '/' separated; "" for a file artifact
  std::string sha256;  ///< 64 hex digits; of the target text for a link
  long long size = 0;
  bool executable = false;
  std::string link_target;  ///< empty for a regular file
  bool operator==(const MaterialisedFile&) const = default;
};

}  // namespace failgate
