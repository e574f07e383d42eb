// See https://github.com/huggingface/safetensors: the length of a JSON header, the header, the
// data.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "controller/artifacts/formats/model_files.h"
#include "controller/base/text.h"
#include "policies/strict_json.h"

namespace failgate {
namespace {

using Json = nlohmann::json;

constexpr long long kLengthSize = 8;
constexpr unsigned long long kMaxHeader = 8ULL << 20U;  ///< what the strict reader takes
constexpr long long kMaxBytes = 1LL << 50U;

struct Extent {
  long long begin = 0;
  long long end = 0;
};

Extent ReadExtent(const Json& value, const std::string& name) {
  JsonObjectReader tensor(value, "tensor");
  static_cast<void>(tensor.String("dtype"));
  for (const Json& side : ExpectArray(tensor.Required("shape"), "shape")) {
    if (!side.is_number_unsigned()) throw JsonFault{"a shape is not of whole numbers"};
  }
  const Json& offsets = ExpectArray(tensor.Required("data_offsets"), "data_offsets");
  tensor.Finish();
  const auto is_place = [](const Json& place) {
    return place.is_number_unsigned() &&
           place.get<unsigned long long>() <= static_cast<unsigned long long>(kMaxBytes);
  };
  if (offsets.size() != 2 || !is_place(offsets[0]) || !is_place(offsets[1])) {
    throw JsonFault{"data_offsets of " + OneLine(name, 60) + " are no two places"};
  }
  return {offsets[0].get<long long>(), offsets[1].get<long long>()};
}

/// Throws JsonFault.
void CheckHeader(const std::string& header, long long data_size) {
  const Json json = ParseStrictJson(header);
  std::vector<Extent> extents;
  for (const auto& item : ExpectObject(json, "the header").items()) {
    if (item.key() == "__metadata__") {
      for (const auto& note : ExpectObject(item.value(), "__metadata__").items()) {
        static_cast<void>(ExpectString(note.value(), "__metadata__"));
      }
      continue;
    }
    extents.push_back(ReadExtent(item.value(), item.key()));
  }
  std::sort(extents.begin(), extents.end(), [](const Extent& a, const Extent& b) {
    return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
  });
  long long at = 0;
  for (const Extent& extent : extents) {
    if (extent.begin < at) throw JsonFault{"its tensors lie over each other"};
    if (extent.begin > at || extent.end < extent.begin) {
      throw JsonFault{"there are bytes between its tensors"};
    }
    at = extent.end;
  }
  if (at != data_size) throw JsonFault{"its tensors do not end where the file does"};
}

}  // namespace

std::optional<RecognisedFormat> RecogniseSafetensors(const ByteSource& source) {
  const std::string head = source.Read(0, kLengthSize + 1);
  if (head.size() <= kLengthSize || head[kLengthSize] != '{') return std::nullopt;
  const unsigned long long length = LittleEndian(head, 0, kLengthSize);
  // No text begins with bytes of zero, which each believable length has.
  if (length >> 32U != 0) return std::nullopt;
  const long long left = source.size() - kLengthSize;
  if (length > kMaxHeader || static_cast<long long>(length) > left) {
    return RecognisedFormat{"damaged",
                            LoadSafety::kUnknown,
                            fmt::format("safetensors: a header of {} bytes cannot be", length)};
  }
  try {
    CheckHeader(source.Read(kLengthSize, static_cast<std::size_t>(length)),
                left - static_cast<long long>(length));
  } catch (const JsonFault& fault) {
    return RecognisedFormat{
        "damaged", LoadSafety::kUnknown, "safetensors: " + OneLine(fault.text, 200)};
  }
  return RecognisedFormat{"safetensors", LoadSafety::kData};
}

}  // namespace failgate
