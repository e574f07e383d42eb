// See the GGUF specification of ggml: counts, keys with values, where each tensor lies, the data.
#include <algorithm>
#include <array>

#include "controller/artifacts/formats/model_files.h"

namespace failgate {
namespace {

constexpr long long kMaxBytes = 1LL << 50U;
constexpr unsigned long long kMaxItems = 5'000'000;
constexpr int kMaxNesting = 4;
constexpr unsigned long long kMaxDimensions = 8;
constexpr unsigned long long kString = 8;
constexpr unsigned long long kArray = 9;
/// Of values by their type; 0: text, a list.
constexpr std::array<int, 13> kValueBytes = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};

/// How a type of tensor packs its elements.
struct Block {
  unsigned long long type;
  long long elements;
  long long bytes;
};
constexpr std::array<Block, 32> kBlocks = {
    {{0, 1, 4},      {1, 1, 2},      {2, 32, 18},   {3, 32, 20},    {6, 32, 22},    {7, 32, 24},
     {8, 32, 34},    {9, 32, 36},    {10, 256, 84}, {11, 256, 110}, {12, 256, 144}, {13, 256, 176},
     {14, 256, 210}, {15, 256, 292}, {16, 256, 66}, {17, 256, 74},  {18, 256, 98},  {19, 256, 50},
     {20, 32, 18},   {21, 256, 110}, {22, 256, 82}, {23, 256, 136}, {24, 1, 1},     {25, 1, 2},
     {26, 1, 4},     {27, 1, 8},     {28, 1, 8},    {29, 256, 56},  {30, 1, 2},     {34, 256, 54},
     {35, 256, 66},  {39, 32, 17}}};

class Walker {
 public:
  explicit Walker(const ByteSource& source) : source_(source) {}

  RecognisedFormat Walk() {
    static_cast<void>(Number(4));  // the magic
    const unsigned long long version = Number(4);
    if (broken_ || version < 1 || version > 3) {
      return Damaged("a version that is not known, or cut off");
    }
    count_bytes_ = version == 1 ? 4 : 8;
    const unsigned long long tensors = Number(count_bytes_);
    const unsigned long long values = Number(count_bytes_);
    for (unsigned long long i = 0; i < values && !Over(); ++i) KeyAndValue();
    for (unsigned long long i = 0; i < tensors && !Over(); ++i) Tensor();
    if (broken_) return Damaged("it is cut off, or its header is damaged");
    if (items_ > kMaxItems) {
      return {"gguf", LoadSafety::kUnknown, "it holds more than is looked at"};
    }
    const long long data = (at_ + alignment_ - 1) / alignment_ * alignment_;
    if (end_of_tensors_ > 0 && end_of_tensors_ > source_.size() - data) {
      return Damaged("it is cut off");
    }
    if (unknown_type_) return {"gguf", LoadSafety::kUnknown, "a type of tensor that is not known"};
    return {"gguf", LoadSafety::kData};
  }

 private:
  static RecognisedFormat Damaged(const std::string& why) {
    return {"damaged", LoadSafety::kUnknown, "gguf: " + why};
  }
  [[nodiscard]] bool Over() { return broken_ || ++items_ > kMaxItems; }

  unsigned long long Number(int bytes) {
    const auto count = static_cast<std::size_t>(bytes);
    const std::string read = broken_ ? std::string() : source_.Read(at_, count);
    broken_ = broken_ || read.size() != count;
    if (broken_) return 0;
    at_ += bytes;
    return LittleEndian(read, 0, count);
  }

  /// Over `count` pieces of `bytes` each.
  void Skip(unsigned long long count, int bytes) {
    const auto left = static_cast<unsigned long long>(source_.size() - at_);
    broken_ = broken_ || count > left / static_cast<unsigned long long>(bytes);
    if (!broken_) at_ += static_cast<long long>(count) * bytes;
  }

  std::string Text() {
    const unsigned long long length = Number(count_bytes_);
    const long long begin = at_;
    Skip(length, 1);
    constexpr std::size_t kMaxKey = 64;
    return broken_ || length > kMaxKey ? std::string()
                                       : source_.Read(begin, static_cast<std::size_t>(length));
  }

  void Value(unsigned long long type, int nesting) {
    if (type >= kValueBytes.size() || nesting > kMaxNesting) {
      broken_ = true;
    } else if (type == kString) {
      static_cast<void>(Text());
    } else if (type == kArray) {
      const unsigned long long of = Number(4);
      const unsigned long long count = Number(count_bytes_);
      if (of < kValueBytes.size() && kValueBytes[of] > 0) return Skip(count, kValueBytes[of]);
      for (unsigned long long i = 0; i < count && !Over(); ++i) Value(of, nesting + 1);
    } else {
      Skip(1, kValueBytes[type]);
    }
  }

  void KeyAndValue() {
    const std::string key = Text();
    const unsigned long long type = Number(4);
    if (key != "general.alignment") return Value(type, 0);
    const unsigned long long alignment = Number(4);
    constexpr unsigned long long kUnsigned32 = 4;
    broken_ = broken_ || type != kUnsigned32 || alignment == 0 || alignment > (1U << 20U);
    if (!broken_) alignment_ = static_cast<long long>(alignment);
  }

  void Tensor() {
    static_cast<void>(Text());
    const unsigned long long dimensions = Number(4);
    if (dimensions > kMaxDimensions) broken_ = true;
    long long elements = 1;
    for (unsigned long long i = 0; i < dimensions && !broken_; ++i) {
      const unsigned long long length = Number(count_bytes_);
      const auto most = static_cast<unsigned long long>(kMaxBytes / std::max(elements, 1LL));
      broken_ = broken_ || length > most;
      if (!broken_) elements *= static_cast<long long>(length);
    }
    const unsigned long long type = Number(4);
    const unsigned long long offset = Number(8);
    broken_ = broken_ || offset > static_cast<unsigned long long>(source_.size());
    if (broken_) return;
    long long bytes = 0;
    bool known = false;
    for (const Block& block : kBlocks) {
      if (block.type != type) continue;
      known = true;
      bytes = (elements + block.elements - 1) / block.elements * block.bytes;
    }
    unknown_type_ = unknown_type_ || !known;
    end_of_tensors_ = std::max(end_of_tensors_, static_cast<long long>(offset) + bytes);
  }

  const ByteSource& source_;
  long long at_ = 0;
  int count_bytes_ = 8;
  unsigned long long items_ = 0;
  long long alignment_ = 32;
  long long end_of_tensors_ = 0;  ///< from where the data begins
  bool unknown_type_ = false;
  bool broken_ = false;
};

}  // namespace

std::optional<RecognisedFormat> RecogniseGguf(const ByteSource& source) {
  if (source.Read(0, 4) != "GGUF") return std::nullopt;
  return Walker(source).Walk();
}

}  // namespace failgate
