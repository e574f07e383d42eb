// Text that people can read, and scripts among it.
#pragma once

#include <optional>

#include "controller/artifacts/formats/byte_source.h"
#include "controller/artifacts/formats/recognised_format.h"

namespace failgate {

/// UTF-8 without control characters (but tab, line feed, form feed, carriage return), read to its
/// end; "script" when it begins with #!. nullopt: anything else, or over 64 MiB.
[[nodiscard]] std::optional<RecognisedFormat> RecogniseText(const ByteSource& source);

}  // namespace failgate
