#include "controller/git/object_delta.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

namespace failgate {
namespace {

/// What is found again inside a base is at least this long.
constexpr std::size_t kBlock = 16;
constexpr std::size_t kMaxIndexedBase = std::size_t{64} << 10U;
/// Below this, copying takes more bytes than saying it again.
constexpr std::size_t kShortestCopy = 8;
/// What one instruction copies, said by a size of zero.
constexpr std::size_t kMaxCopy = 0x10000;
constexpr std::size_t kMaxInsert = 127;

void AppendSize(std::string& delta, std::size_t size) {
  while (size >= 0x80) {
    delta += static_cast<char>(0x80U | (size & 0x7FU));
    size >>= 7U;
  }
  delta += static_cast<char>(size);
}

void AppendInsert(std::string& delta, std::string_view bytes) {
  while (!bytes.empty()) {
    const std::string_view part = bytes.substr(0, kMaxInsert);
    delta += static_cast<char>(part.size());
    delta += part;
    bytes.remove_prefix(part.size());
  }
}

/// The bytes of `value` that are not zero, lowest first; answers which they are, one bit each.
unsigned AppendBytes(std::string& arguments, std::size_t value, unsigned count) {
  unsigned which = 0;
  for (unsigned i = 0; i < count; ++i) {
    if (const auto byte = static_cast<unsigned char>(value >> (8 * i)); byte != 0) {
      which |= 1U << i;
      arguments += static_cast<char>(byte);
    }
  }
  return which;
}

void AppendCopy(std::string& delta, std::size_t offset, std::size_t size) {
  while (size > 0) {
    const std::size_t part = std::min(size, kMaxCopy);
    std::string arguments;
    const unsigned of_offset = AppendBytes(arguments, offset, 4);
    const unsigned of_size = AppendBytes(arguments, part & (kMaxCopy - 1), 2);
    delta += static_cast<char>(0x80U | of_offset | of_size << 4U);
    delta += arguments;
    offset += part;
    size -= part;
  }
}

/// Where each block of a base stands; of blocks that fall together the first.
class BlockIndex {
 public:
  explicit BlockIndex(std::string_view base) : base_(base) {
    while ((std::size_t{1} << bits_) < base.size() / kBlock * 2) {
      ++bits_;
    }
    places_.resize(std::size_t{1} << bits_);
    for (std::size_t at = 0; at + kBlock <= base.size(); at += kBlock) {
      std::uint32_t& place = places_[Slot(base.data() + at)];
      place = place == 0 ? static_cast<std::uint32_t>(at + 1) : place;
    }
  }

  /// Offset in the base of the block that begins at `bytes`, or npos.
  [[nodiscard]] std::size_t Find(const char* bytes) const {
    const std::uint32_t place = places_[Slot(bytes)];
    return place != 0 && std::memcmp(base_.data() + place - 1, bytes, kBlock) == 0
               ? place - 1
               : std::string_view::npos;
  }

 private:
  [[nodiscard]] std::size_t Slot(const char* bytes) const {
    std::uint64_t low = 0;
    std::uint64_t high = 0;
    std::memcpy(&low, bytes, sizeof low);
    std::memcpy(&high, bytes + sizeof low, sizeof high);
    const std::uint64_t mixed = (low ^ (high * 0x9E3779B97F4A7C15U)) * 0xD6E8FEB86659FD93U;
    return static_cast<std::size_t>(mixed >> (64U - bits_));
  }

  std::string_view base_;
  unsigned bits_ = 4;
  std::vector<std::uint32_t> places_;
};

void AppendMiddle(std::string& delta, std::string_view base, std::string_view middle) {
  if (middle.size() < kBlock || base.size() < kBlock || base.size() > kMaxIndexedBase) {
    AppendInsert(delta, middle);
    return;
  }
  const BlockIndex index(base);
  std::size_t said = 0;
  std::size_t at = 0;
  while (at + kBlock <= middle.size()) {
    std::size_t found = index.Find(middle.data() + at);
    if (found == std::string_view::npos) {
      ++at;
      continue;
    }
    const std::size_t before = CommonSuffix(base.substr(0, found), middle.substr(said, at - said));
    const std::size_t length = before + CommonPrefix(base.substr(found), middle.substr(at));
    at -= before;
    found -= before;
    AppendInsert(delta, middle.substr(said, at - said));
    AppendCopy(delta, found, length);
    at += length;
    said = at;
  }
  AppendInsert(delta, middle.substr(said));
}

}  // namespace

std::size_t CommonPrefix(std::string_view a, std::string_view b) {
  const std::size_t most = std::min(a.size(), b.size());
  std::size_t same = 0;
  while (most - same >= 64 && std::memcmp(a.data() + same, b.data() + same, 64) == 0) {
    same += 64;
  }
  while (same < most && a[same] == b[same]) {
    ++same;
  }
  return same;
}

std::size_t CommonSuffix(std::string_view a, std::string_view b) {
  const std::size_t most = std::min(a.size(), b.size());
  const char* a_end = a.data() + a.size();
  const char* b_end = b.data() + b.size();
  std::size_t same = 0;
  while (most - same >= 64 && std::memcmp(a_end - same - 64, b_end - same - 64, 64) == 0) {
    same += 64;
  }
  while (same < most && a_end[-1 - static_cast<std::ptrdiff_t>(same)] ==
                            b_end[-1 - static_cast<std::ptrdiff_t>(same)]) {
    ++same;
  }
  return same;
}

std::string MakeObjectDelta(std::string_view base, std::string_view target) {
  std::string delta;
  AppendSize(delta, base.size());
  AppendSize(delta, target.size());
  std::size_t prefix = CommonPrefix(base, target);
  prefix = prefix < kShortestCopy ? 0 : prefix;
  std::size_t suffix = CommonSuffix(base.substr(prefix), target.substr(prefix));
  suffix = suffix < kShortestCopy ? 0 : suffix;
  AppendCopy(delta, 0, prefix);
  AppendMiddle(delta, base, target.substr(prefix, target.size() - prefix - suffix));
  AppendCopy(delta, base.size() - suffix, suffix);
  return delta;
}

}  // namespace failgate
