// Zip archives by what their directory names; tar archives and what is compressed as a whole.
#pragma once

#include <optional>

#include "controller/artifacts/formats/byte_source.h"
#include "controller/artifacts/formats/recognised_format.h"

namespace failgate {

/// For bytes that begin as a zip archive: torch, npz, wheel, zip or damaged. `depth` as
/// MemberSafety.
[[nodiscard]] RecognisedFormat RecogniseZip(const ByteSource& source, int depth);
/// By the magic at the front; they are looked into, 1 MiB deep. nullopt: none of them. What is not
/// in an archive (`depth` 0) is unpacked to its end, 4 GiB at most, to tell how much it holds.
[[nodiscard]] std::optional<RecognisedFormat> RecogniseCompressed(const ByteSource& source,
                                                                  int depth);

}  // namespace failgate
