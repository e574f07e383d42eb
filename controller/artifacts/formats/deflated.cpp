#include "controller/artifacts/formats/deflated.h"

#include <zlib.h>

#include <algorithm>
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
  // How it ends is no matter: the beginning is what was asked for. Programs read on where one
  // stream ends and another begins.
  while (inflate(&stream, Z_SYNC_FLUSH) == Z_STREAM_END && kind != Deflated::kRaw &&
         stream.avail_in > 0 && stream.avail_out > 0 && inflateReset(&stream) == Z_OK) {
  }
  output.resize(output.size() - stream.avail_out);
  inflateEnd(&stream);
  return output;
}

PackedContent MeasureDeflated(const ByteSource& source, Deflated kind, long long most) {
  constexpr std::size_t kPiece = std::size_t{256} << 10U;
  z_stream stream{};
  if (inflateInit2(&stream, WindowBits(kind)) != Z_OK) {
    throw Error(Remedy::kRetry, "unpacking an artifact: there is not enough memory");
  }
  PackedContent content;
  std::string output(kPiece, '\0');
  bool going = true;
  for (long long at = 0; going;) {
    std::string input = source.Read(at, kPiece);
    if (input.empty()) break;
    at += static_cast<long long>(input.size());
    stream.next_in = reinterpret_cast<Bytef*>(input.data());
    stream.avail_in = static_cast<uInt>(input.size());
    do {
      stream.next_out = reinterpret_cast<Bytef*>(output.data());
      stream.avail_out = static_cast<uInt>(output.size());
      const int result = inflate(&stream, Z_NO_FLUSH);
      const std::size_t made = output.size() - stream.avail_out;
      if (made > 0) content.last = output[made - 1];
      content.bytes += static_cast<long long>(made);
      content.endless = content.bytes > most;
      if (result == Z_STREAM_END) {
        content.whole = true;
        going = inflateReset(&stream) == Z_OK;
      } else if (result == Z_OK) {
        content.whole = content.whole && stream.total_in == 0;
      } else if (result != Z_BUF_ERROR) {
        // Padding behind a whole stream is none of it; a fault inside one is.
        content.whole = content.whole && stream.total_out == 0;
        going = false;
      }
      going = going && !content.endless;
    } while (going && (stream.avail_in > 0 || stream.avail_out == 0));
  }
  inflateEnd(&stream);
  return content;
}

}  // namespace failgate
