// Reading the opcodes of a pickle without doing what they say.
#pragma once

#include "controller/artifacts/formats/byte_source.h"

namespace failgate {

/// How far the opcodes make sense.
enum class PickleEnd {
  kStop,       ///< to a STOP with a value: a whole pickle
  kNoPickle,   ///< an opcode, its argument or the stack under it cannot be
  kTruncated,  ///< the bytes end before a STOP
  kTooLong,    ///< sense so far, and further than is read
};

struct PickleWalk {
  PickleEnd end = PickleEnd::kNoPickle;
  bool calls = false;    ///< an opcode that calls something was reached, or a frame lies
  bool joblib = false;   ///< it names joblib's own classes; raw arrays lie between opcodes then
  long long length = 0;  ///< to the end of STOP
};

/// From the first byte on; at most 5,000,000 opcodes and 64 MiB of them (without what long
/// arguments hold) are read.
[[nodiscard]] PickleWalk WalkPickle(const ByteSource& source);

}  // namespace failgate
