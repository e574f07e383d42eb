// See numpy.lib.format: a magic, a version, the length of a Python dict, the dict, the array.
#include <algorithm>
#include <cstddef>
#include <set>

#include "controller/artifacts/formats/model_files.h"
#include "controller/base/text.h"

namespace failgate {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::size_t kMaxHeader = std::size_t{64} << 10U;
constexpr long long kMaxBytes = 1LL << 50U;
constexpr int kMaxNesting = 16;

RecognisedFormat Damaged(const std::string& why) {
  return {"damaged", LoadSafety::kUnknown, "npy: " + why};
}

long long Times(long long a, long long b) {
  return a != 0 && b > kMaxBytes / a ? kMaxBytes : a * b;
}

/// Reads the dict as numpy writes it, and nothing else of Python.
class Header {
 public:
  explicit Header(std::string_view text) : rest_(text) {}

  [[nodiscard]] bool Read() {
    if (!Take('{')) return false;
    std::set<std::string> keys;
    while (!Take('}')) {
      const auto key = Text();
      if (!key || !Take(':') || !keys.insert(*key).second || !Value(*key)) return false;
      if (!Take(',') && !Sees('}')) return false;
    }
    static_cast<void>(Sees('\0'));
    return rest_.empty() && keys == std::set<std::string>{"descr", "fortran_order", "shape"};
  }
  [[nodiscard]] bool objects() const { return objects_; }
  [[nodiscard]] bool known() const { return known_; }
  [[nodiscard]] long long bytes() const { return Times(item_, elements_); }

 private:
  bool Sees(char c) {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(" \n"), rest_.size()));
    return !rest_.empty() && rest_.front() == c;
  }
  bool Take(char c) {
    const bool there = Sees(c);
    if (there) rest_.remove_prefix(1);
    return there;
  }
  bool TakeWord(std::string_view word) {
    static_cast<void>(Sees('\0'));
    const bool there = rest_.substr(0, word.size()) == word;
    if (there) rest_.remove_prefix(word.size());
    return there;
  }

  std::optional<std::string> Text() {
    const char quote = Sees('"') ? '"' : '\'';
    if (!Take(quote)) return std::nullopt;
    const std::size_t end = rest_.find(quote);
    if (end == std::string_view::npos) return std::nullopt;
    std::string text(rest_.substr(0, end));
    rest_.remove_prefix(end + 1);
    // An escape may spell any type; strings side by side are one.
    if (text.find('\\') != std::string::npos || Sees('\'') || Sees('"')) return std::nullopt;
    return text;
  }

  bool Value(const std::string& key) {
    if (key == "descr") {
      const auto item = Type(0);
      item_ = item.value_or(0);
      return item.has_value();
    }
    if (key == "fortran_order") return TakeWord("True") || TakeWord("False");
    const auto elements = Shape();
    elements_ = elements.value_or(0);
    return elements.has_value();
  }

  /// The number of elements.
  std::optional<long long> Shape() {
    if (!Take('(')) return std::nullopt;
    long long elements = 1;
    while (!Take(')')) {
      static_cast<void>(Sees('\0'));
      const std::size_t length = std::min(rest_.find_first_not_of("0123456789"), rest_.size());
      const auto number = ParseNonNegative(rest_.substr(0, length));
      if (!number || *number > kMaxBytes) return std::nullopt;
      elements = Times(elements, *number);
      rest_.remove_prefix(length);
      if (!Take(',') && !Sees(')')) return std::nullopt;
    }
    return elements;
  }

  /// Bytes of one item.
  std::optional<long long> Type(int nesting) {
    if (Sees('[')) return nesting < kMaxNesting ? Fields(nesting) : std::nullopt;
    const auto word = Text();
    return word ? std::optional(Code(*word)) : std::nullopt;
  }

  std::optional<long long> Fields(int nesting) {
    static_cast<void>(Take('['));
    long long bytes = 0;
    while (!Take(']')) {
      if (!Take('(') || !Name() || !Take(',')) return std::nullopt;
      const auto type = Type(nesting + 1);
      if (!type) return std::nullopt;
      long long times = 1;
      if (Take(',') && !Sees(')')) {
        const auto shape = Shape();
        if (!shape) return std::nullopt;
        times = *shape;
      }
      if (!Take(')')) return std::nullopt;
      bytes = std::min(kMaxBytes, bytes + Times(*type, times));
      if (!Take(',') && !Sees(']')) return std::nullopt;
    }
    return bytes;
  }

  /// Of a field: a text, or a title and a text.
  bool Name() {
    if (!Take('(')) return Text().has_value();
    return Text() && Take(',') && Text() && Take(')');
  }

  /// Bytes of what a type code such as "<f8" stands for.
  long long Code(std::string_view code) {
    if (!code.empty() && std::string_view("|<>=").find(code.front()) != std::string_view::npos) {
      code.remove_prefix(1);
    }
    const char kind = code.empty() ? '\0' : code.front();
    objects_ = objects_ || kind == 'O';
    if (kind == 'O') return 0;
    const std::size_t end = std::min(code.find_first_not_of("0123456789", 1), code.size());
    const auto width = ParseNonNegative(
        code.substr(std::min<std::size_t>(1, code.size()), end == 0 ? 0 : end - 1));
    const std::string_view unit = code.substr(end);
    const bool time = kind == 'm' || kind == 'M';
    const bool plain = std::string_view("biufcSUV").find(kind) != std::string_view::npos;
    if (!width || *width > kMaxBytes || (!time && !plain) || (!time && !unit.empty())) {
      known_ = false;
      return 0;
    }
    return kind == 'U' ? Times(4, *width) : *width;
  }

  std::string_view rest_;
  long long item_ = 0;
  long long elements_ = 0;
  bool objects_ = false;  ///< Python objects, which are pickled
  bool known_ = true;
};

}  // namespace

std::optional<RecognisedFormat> RecogniseNpyHead(const std::string& head, long long size) {
  if (std::string_view(head).substr(0, kMagic.size()) != kMagic) return std::nullopt;
  if (head.size() < 12) return Damaged("it is cut off");
  const int version = head[kMagic.size()];
  if (version < 1 || version > 3) return Damaged("a version that is not known");
  const std::size_t length_size = version == 1 ? 2 : 4;
  const unsigned long long length = LittleEndian(head, 8, length_size);
  if (length > kMaxHeader || length > head.size() - 8 - length_size) {
    return Damaged("its header is cut off or too large");
  }
  Header header(std::string_view(head).substr(8 + length_size, static_cast<std::size_t>(length)));
  if (!header.Read()) return Damaged("its header is none that numpy writes");
  if (header.objects()) {
    return RecognisedFormat{"npy", LoadSafety::kCode, "its objects are pickled"};
  }
  if (!header.known()) {
    return RecognisedFormat{"npy", LoadSafety::kUnknown, "a type that is not known"};
  }
  const long long data = size - static_cast<long long>(8 + length_size + length);
  if (data < header.bytes()) return Damaged("it is cut off");
  if (data > header.bytes()) {
    return RecognisedFormat{"npy", LoadSafety::kUnknown, "bytes follow its array"};
  }
  return RecognisedFormat{"npy", LoadSafety::kData};
}

std::optional<RecognisedFormat> RecogniseNpy(const ByteSource& source) {
  return RecogniseNpyHead(source.Read(0, kMaxHeader + 12), source.size());
}

}  // namespace failgate
