// What a file is, by its bytes alone: it is never loaded, and its name says nothing.
#pragma once

#include "controller/artifacts/formats/byte_source.h"
#include "controller/artifacts/formats/recognised_format.h"

namespace failgate {

/// Reads what it needs in bounded pieces, however large the file and whatever it claims:
/// beginnings, directories, opcodes; a text as a whole up to 64 MiB. "damaged" claims to be of a
/// format and breaks its rules, "ambiguous" is of two at once, "unknown" of none that is
/// recognised.
/// Members of zip and tar archives are looked at as files are; `depth` counts the archives around.
[[nodiscard]] RecognisedFormat RecogniseFormat(const ByteSource& source, int depth = 0);

}  // namespace failgate
