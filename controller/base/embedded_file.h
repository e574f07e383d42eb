// A file of the source tree that the program carries inside itself (cmake/embed.cmake).
#pragma once

#include <string>
#include <vector>

namespace failgate {

struct EmbeddedFile {
  std::string path;  ///< below the folder it was embedded from
  std::string content;
};

}  // namespace failgate
