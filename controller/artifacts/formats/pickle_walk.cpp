#include "controller/artifacts/formats/pickle_walk.h"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "controller/base/text.h"

namespace failgate {
namespace {

constexpr std::size_t kWindow = std::size_t{64} << 10U;
constexpr long long kMaxRead = 64LL << 20U;
constexpr int kMaxOpcodes = 5'000'000;
constexpr std::size_t kMaxMarks = 100'000;
constexpr std::size_t kMaxLine = std::size_t{1} << 20U;
constexpr std::size_t kMaxName = 256;
constexpr unsigned char kHighestProtocol = 5;

enum class Argument { kNone, kFixed, kLine, kNumberLine, kName, kCounted };

/// What an opcode takes: see pickletools of Python.
struct Opcode {
  char code = 0;
  Argument argument = Argument::kNone;
  int width = 0;  ///< bytes of the argument, or of its length
  int pops = 0;   ///< kToMark: everything above the newest mark
  int pushes = 0;
  bool calls = false;
};

constexpr int kToMark = -1;
constexpr int kToMarkAndOne = -2;  ///< and there must be one below the mark

constexpr std::array<Opcode, 68> kOpcodes = {{
    {'I', Argument::kNumberLine, 0, 0, 1, false},
    {'J', Argument::kFixed, 4, 0, 1, false},
    {'K', Argument::kFixed, 1, 0, 1, false},
    {'M', Argument::kFixed, 2, 0, 1, false},
    {'L', Argument::kNumberLine, 0, 0, 1, false},
    {'\x8a', Argument::kCounted, 1, 0, 1, false},
    {'\x8b', Argument::kCounted, 4, 0, 1, false},
    {'S', Argument::kLine, 0, 0, 1, false},
    {'T', Argument::kCounted, 4, 0, 1, false},
    {'U', Argument::kCounted, 1, 0, 1, false},
    {'B', Argument::kCounted, 4, 0, 1, false},
    {'C', Argument::kCounted, 1, 0, 1, false},
    {'\x8e', Argument::kCounted, 8, 0, 1, false},
    {'\x96', Argument::kCounted, 8, 0, 1, false},
    {'\x97', Argument::kNone, 0, 0, 1, false},
    {'\x98', Argument::kNone, 0, 1, 1, false},
    {'N', Argument::kNone, 0, 0, 1, false},
    {'\x88', Argument::kNone, 0, 0, 1, false},
    {'\x89', Argument::kNone, 0, 0, 1, false},
    {'V', Argument::kLine, 0, 0, 1, false},
    {'\x8c', Argument::kCounted, 1, 0, 1, false},
    {'X', Argument::kCounted, 4, 0, 1, false},
    {'\x8d', Argument::kCounted, 8, 0, 1, false},
    {'F', Argument::kNumberLine, 0, 0, 1, false},
    {'G', Argument::kFixed, 8, 0, 1, false},
    {']', Argument::kNone, 0, 0, 1, false},
    {'a', Argument::kNone, 0, 2, 1, false},
    {'e', Argument::kNone, 0, kToMarkAndOne, 0, false},
    {'l', Argument::kNone, 0, kToMark, 1, false},
    {')', Argument::kNone, 0, 0, 1, false},
    {'t', Argument::kNone, 0, kToMark, 1, false},
    {'\x85', Argument::kNone, 0, 1, 1, false},
    {'\x86', Argument::kNone, 0, 2, 1, false},
    {'\x87', Argument::kNone, 0, 3, 1, false},
    {'}', Argument::kNone, 0, 0, 1, false},
    {'d', Argument::kNone, 0, kToMark, 1, false},
    {'s', Argument::kNone, 0, 3, 1, false},
    {'u', Argument::kNone, 0, kToMarkAndOne, 0, false},
    {'\x8f', Argument::kNone, 0, 0, 1, false},
    {'\x90', Argument::kNone, 0, kToMarkAndOne, 0, false},
    {'\x91', Argument::kNone, 0, kToMark, 1, false},
    {'2', Argument::kNone, 0, 1, 2, false},
    {'1', Argument::kNone, 0, kToMark, 0, false},
    {'g', Argument::kNumberLine, 0, 0, 1, false},
    {'h', Argument::kFixed, 1, 0, 1, false},
    {'j', Argument::kFixed, 4, 0, 1, false},
    {'p', Argument::kNumberLine, 0, 1, 1, false},
    {'q', Argument::kFixed, 1, 1, 1, false},
    {'r', Argument::kFixed, 4, 1, 1, false},
    {'\x94', Argument::kNone, 0, 1, 1, false},
    {'\x82', Argument::kFixed, 1, 0, 1, true},
    {'\x83', Argument::kFixed, 2, 0, 1, true},
    {'\x84', Argument::kFixed, 4, 0, 1, true},
    {'c', Argument::kName, 0, 0, 1, false},
    {'\x93', Argument::kNone, 0, 2, 1, false},
    {'R', Argument::kNone, 0, 2, 1, true},
    {'b', Argument::kNone, 0, 2, 1, true},
    {'i', Argument::kName, 0, kToMark, 1, true},
    {'o', Argument::kNone, 0, kToMark, 1, true},
    {'\x81', Argument::kNone, 0, 2, 1, true},
    {'\x92', Argument::kNone, 0, 3, 1, true},
    {'\x80', Argument::kFixed, 1, 0, 0, false},
    {'\x95', Argument::kFixed, 8, 0, 0, false},
    {'P', Argument::kLine, 0, 0, 1, false},
    {'Q', Argument::kNone, 0, 1, 1, false},
    {'(', Argument::kNone, 0, 0, 0, false},
    {'0', Argument::kNone, 0, 0, 0, false},
    {'.', Argument::kNone, 0, 1, 1, false},
}};

const Opcode* Find(char code) {
  static const std::array<const Opcode*, 256> kByCode = [] {
    std::array<const Opcode*, 256> by_code{};
    for (const Opcode& opcode : kOpcodes)
      by_code[static_cast<unsigned char>(opcode.code)] = &opcode;
    return by_code;
  }();
  return kByCode[static_cast<unsigned char>(code)];
}

constexpr std::string_view kSpaces = " \t\r\v\f";

bool IsNumberCharacter(char c) {
  return std::string_view("0123456789+-_.abcdefilnotxyABCDEFILNOTXY").find(c) !=
             std::string_view::npos ||
         kSpaces.find(c) != std::string_view::npos;
}

/// Whether Python reads it as a number in some base, or as a float; it stops at a byte of zero.
bool MayBeNumber(std::string_view text) {
  text = text.substr(0, text.find('\0'));
  const std::size_t begin = text.find_first_not_of(std::string(kSpaces) + "+-");
  if (begin == std::string_view::npos) return true;
  text = text.substr(begin, text.find_last_not_of(kSpaces) + 1 - begin);
  const std::string word = ToLower(text);
  if (word == "inf" || word == "infinity" || word == "nan") return true;
  return word.find_first_of("inty") == std::string::npos;
}

bool IsNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.' || c == '<' || c == '>' || c == '\r' || static_cast<unsigned char>(c) >= 0x80;
}

class Walker {
 public:
  explicit Walker(const ByteSource& source) : source_(source) {}

  PickleWalk Walk() {
    for (int count = 0; count < kMaxOpcodes && !walk_.joblib; ++count) {
      const long long opcode_at = at_;
      const auto byte = Next();
      if (!byte) return Ended();
      const Opcode* opcode = Find(*byte);
      if (opcode == nullptr) return End(PickleEnd::kNoPickle);
      const long long frame_end = frame_end_;
      if (!TakeArgument(*opcode)) {
        walk_.calls = walk_.calls || opcode_at < frame_end;
        return Ended();
      }
      // Where a frame ends inside an opcode, Python skips what is left of the frame: from there on
      // it reads other opcodes than are seen here, so they may call anything.
      const bool inside = at_ <= frame_end ? opcode->code == '\x95' : opcode_at < frame_end;
      walk_.calls = walk_.calls || inside;
      if (!Apply(*opcode)) return End(too_long_ ? PickleEnd::kTooLong : PickleEnd::kNoPickle);
      walk_.calls = walk_.calls || opcode->calls;
      if (opcode->code == '.') {
        walk_.length = at_;
        return End(PickleEnd::kStop);
      }
    }
    return End(PickleEnd::kTooLong);
  }

 private:
  PickleWalk End(PickleEnd end) {
    walk_.end = end;
    return walk_;
  }
  PickleWalk Ended() {
    return End(wrong_      ? PickleEnd::kNoPickle
               : too_long_ ? PickleEnd::kTooLong
                           : PickleEnd::kTruncated);
  }

  std::optional<char> Next() {
    if (at_ < window_at_ || at_ >= window_at_ + static_cast<long long>(window_.size())) {
      read_ += static_cast<long long>(window_.size());
      if (read_ > kMaxRead) {
        too_long_ = true;
        return std::nullopt;
      }
      window_ = source_.Read(at_, kWindow);
      window_at_ = at_;
      if (window_.empty()) return std::nullopt;
    }
    return window_[static_cast<std::size_t>(at_++ - window_at_)];
  }

  std::optional<std::string> Bytes(std::size_t count) {
    std::string bytes;
    while (bytes.size() < count) {
      const auto byte = Next();
      if (!byte) return std::nullopt;
      bytes += *byte;
    }
    return bytes;
  }

  template <typename Fits>
  bool Line(Fits fits, std::string* text = nullptr) {
    for (std::size_t length = 0; length < kMaxLine; ++length) {
      const auto byte = Next();
      if (!byte) return false;
      if (*byte == '\n') return true;
      if (!fits(*byte)) {
        wrong_ = true;
        return false;
      }
      if (text != nullptr && text->size() < kMaxName) *text += *byte;
    }
    too_long_ = true;
    return false;
  }

  bool NumberLine() {
    std::string text;
    bool ended = false;
    const auto fits = [&ended](char c) {
      ended = ended || c == '\0';
      return ended || IsNumberCharacter(c);
    };
    if (!Line(fits, &text)) return false;
    wrong_ = !MayBeNumber(text);
    return !wrong_;
  }

  void NoteFrame(const std::string& length) {
    const auto left = static_cast<unsigned long long>(source_.size() - at_);
    const unsigned long long size = LittleEndian(length, 0, length.size());
    frame_end_ = at_ + static_cast<long long>(std::min(size, left));
  }

  void Note(const std::string& text) {
    walk_.joblib = walk_.joblib || text.find("joblib.numpy_pickle") != std::string::npos;
  }

  bool Counted(int width) {
    const auto length = Bytes(static_cast<std::size_t>(width));
    if (!length) return false;
    const unsigned long long count = LittleEndian(*length, 0, length->size());
    if (count > static_cast<unsigned long long>(source_.size() - at_)) return false;
    if (count > kMaxName) {
      at_ += static_cast<long long>(count);
      return true;
    }
    const auto text = Bytes(static_cast<std::size_t>(count));
    if (text) Note(*text);
    return text.has_value();
  }

  /// False: the bytes end, or it cannot be one (wrong_).
  bool TakeArgument(const Opcode& opcode) {
    switch (opcode.argument) {
      case Argument::kNone:
        return true;
      case Argument::kFixed: {
        const auto bytes = Bytes(static_cast<std::size_t>(opcode.width));
        const bool protocol = opcode.code == '\x80';
        if (bytes && opcode.code == '\x95') NoteFrame(*bytes);
        wrong_ = bytes && protocol && static_cast<unsigned char>((*bytes)[0]) > kHighestProtocol;
        return bytes && !wrong_;
      }
      case Argument::kLine:
        return Line([](char) { return true; });
      case Argument::kNumberLine:
        return NumberLine();
      case Argument::kName: {
        std::string module;
        std::string name;
        if (!Line(IsNameCharacter, &module) || !Line(IsNameCharacter, &name)) return false;
        wrong_ = module.empty() || name.empty();
        Note(module);
        return !wrong_;
      }
      case Argument::kCounted:
        return Counted(opcode.width);
    }
    return false;
  }

  bool Apply(const Opcode& opcode) {
    if (opcode.code == '(') {
      marks_.push_back(depth_);
      depth_ = 0;
      // Python has no such limit: what follows may be anything.
      too_long_ = marks_.size() > kMaxMarks;
      return !too_long_;
    }
    if (opcode.code == '0' && depth_ == 0) return Unmark(0);
    if (opcode.code == '0') {
      --depth_;
      return true;
    }
    if (opcode.pops < 0) {
      if (!Unmark(opcode.pops == kToMarkAndOne ? 1 : 0)) return false;
    } else if (depth_ < opcode.pops) {
      return false;
    } else {
      depth_ -= opcode.pops;
    }
    depth_ += opcode.pushes;
    return true;
  }

  bool Unmark(long long below) {
    if (marks_.empty() || marks_.back() < below) return false;
    depth_ = marks_.back();
    marks_.pop_back();
    return true;
  }

  const ByteSource& source_;
  PickleWalk walk_;
  std::string window_;
  long long window_at_ = 0;
  long long at_ = 0;
  long long read_ = 0;
  long long frame_end_ = 0;
  bool wrong_ = false;
  bool too_long_ = false;
  long long depth_ = 0;  ///< values above the newest mark
  std::vector<long long> marks_;
};

}  // namespace

PickleWalk WalkPickle(const ByteSource& source) {
  return Walker(source).Walk();
}

}  // namespace failgate
