#include "controller/artifacts/formats/deflated.h"

#include <zlib.h>

#include <limits>

#include "controller/base/error.h"

namespace failgate {
namespace {

int WindowBits(Deflated kind) {
  switch (kind) {
    case Deflated::kRaw:
      return -MAX_WBITS;
    case Deflated::kZlib:
      return MAX_WBITS;
    case Deflated::kGzip:
      return MAX_WBITS + 16;
  }
  return MAX_WBITS;
}

}  // namespace

std::string Inflate(std::string_view packed, Deflated kind, std::size_t limit) {
  Check(
      packed.size() < std::numeric_limits<uInt>::max() && limit < std::numeric_limits<uInt>::max(),
      "only beginnings are unpacked");
  z_stream stream{};
  if (inflateInit2(&stream, WindowBits(kind)) != Z_OK) {
    throw Error(Remedy::kRetry, "unpacking an artifact: there is not enough memory");
  }
  std::string input(packed);
  std::string output(limit, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(input.data());
  stream.avail_in = static_cast<uInt>(input.size());
  stream.next_out = reinterpret_cast<Bytef*>(output.data());
  stream.avail_out = static_cast<uInt>(output.size());
  // How it ends is no matter: the beginning is what was asked for.
  static_cast<void>(inflate(&stream, Z_SYNC_FLUSH));
  output.resize(output.size() - stream.avail_out);
  inflateEnd(&stream);
  return output;
}

}  // namespace failgate
