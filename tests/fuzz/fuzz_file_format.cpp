// Any bytes as a file of an artifact.
#include <algorithm>

#include "controller/artifacts/contents_tally.h"
#include "controller/artifacts/file_format.h"
#include "tests/fuzz/require.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace failgate;
  const std::string_view text = TextOf(data, size);
  const RecognisedFormat found = RecogniseFormat(MemoryBytes(text));
  const auto& known = FileFormats();
  Require(std::binary_search(known.begin(), known.end(), found.format));
  Require((found.format == "empty") == text.empty());
  Require(found.unpacked >= 0);
  // What runs code is never called data.
  const bool runs = found.format == "pickle" || found.format == "joblib" ||
                    found.format == "torch" || found.format == "ambiguous";
  Require(!runs || found.safety == LoadSafety::kCode);
  ContentsTally tally;
  tally.Add("a", static_cast<long long>(size), found);
  Require(tally.Contents().files == 1 && tally.Contents().formats.size() == 1);
  return 0;
}
