// What bytes are.
#pragma once

#include <string>
#include <vector>

#include "policies/artifact_facts.h"

namespace failgate {

struct RecognisedFormat {
  std::string format;  ///< a word of FileFormats()
  LoadSafety safety = LoadSafety::kUnknown;
  std::string why = {};                 ///< one phrase for people, may be empty
  long long unpacked = 0;               ///< what a zip archive says it unpacks to
  std::vector<std::string> names = {};  ///< of folders in a zip archive that end in .dist-info
  bool operator==(const RecognisedFormat&) const = default;
};

}  // namespace failgate
