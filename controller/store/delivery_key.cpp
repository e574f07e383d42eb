#include "controller/store/delivery_key.h"

#include <fmt/format.h>

#include <charconv>
#include <cstring>
#include <utility>

#include "controller/base/digest.h"

namespace failgate {
namespace {

constexpr std::size_t kWordBits = 64;
constexpr std::size_t kWordsALine = 8;
constexpr std::size_t kFilterLines = std::size_t{1} << 16U;  // 4 MiB
constexpr std::size_t kDigitsAWord = 16;

/// One cache line of the filter, and the bits in it. The key is a digest, so that its parts are
/// independent hashes already.
struct PlaceInFilter {
  std::size_t first_word = 0;
  std::array<std::uint64_t, kWordsALine> bits{};
};

PlaceInFilter PlaceOf(const DeliveryKey& key) {
  constexpr unsigned kBitsAKey = 6;
  constexpr unsigned kLineBits = 9;  // 2^9 bits a line
  PlaceInFilter place;
  place.first_word = key.words[0] % kFilterLines * kWordsALine;
  for (unsigned i = 0; i < kBitsAKey; ++i) {
    const std::uint64_t bit = key.words[1] >> (i * kLineBits) & (kWordsALine * kWordBits - 1);
    place.bits[bit / kWordBits] |= std::uint64_t{1} << (bit % kWordBits);
  }
  return place;
}

}  // namespace

std::string DeliveryKey::Text() const {
  return fmt::format("{:016x}{:016x}", words[0], words[1]);
}

std::optional<DeliveryKey> KeyOf(const SourceName& source,
                                 std::string_view delivery_id,
                                 std::string_view body_digest) {
  if (delivery_id.empty()) return std::nullopt;
  // Sizes first: no two triples may give one text.
  std::string text = fmt::format("{} {} ", source.text().size(), delivery_id.size());
  text += source.text();
  text += delivery_id;
  text += body_digest;
  const std::string digest = Sha256Raw(text);
  DeliveryKey key;
  std::memcpy(key.words.data(), digest.data(), sizeof(key.words));
  return key;
}

std::optional<DeliveryKey> ParseDeliveryKey(std::string_view text) {
  if (text.size() != 2 * kDigitsAWord) return std::nullopt;
  DeliveryKey key;
  for (std::size_t i = 0; i < key.words.size(); ++i) {
    const std::string_view digits = text.substr(i * kDigitsAWord, kDigitsAWord);
    const char* end = digits.data() + digits.size();
    const auto result = std::from_chars(digits.data(), end, key.words.at(i), 16);
    if (result.ec != std::errc() || result.ptr != end) return std::nullopt;
  }
  return key;
}

void RecentKeys::Add(long long segment, const DeliveryKey& key, KeyedDelivery delivery) {
  std::shared_ptr<KeyedDeliveries>& keys = segments_[segment];
  if (!keys) keys = std::make_shared<KeyedDeliveries>();
  keys->insert_or_assign(key, std::move(delivery));
}

std::optional<std::string> RecentKeys::Find(const DeliveryKey& key, TimePoint since) const {
  for (auto segment = segments_.rbegin(); segment != segments_.rend(); ++segment) {
    const auto found = segment->second->find(key);
    if (found == segment->second->end()) continue;
    if (found->second.received_at < since) return std::nullopt;
    return found->second.id;
  }
  return std::nullopt;
}

std::optional<RecentKeys::Segment> RecentKeys::OldestBefore(long long end) const {
  if (segments_.empty() || segments_.begin()->first >= end) return std::nullopt;
  return Segment{segments_.begin()->first, segments_.begin()->second};
}

void RecentKeys::Drop(long long segment) {
  segments_.erase(segment);
}

KeyFilter::KeyFilter() : bits_(kFilterLines * kWordsALine) {}

void KeyFilter::Add(const DeliveryKey& key) {
  const PlaceInFilter place = PlaceOf(key);
  for (std::size_t i = 0; i < kWordsALine; ++i) bits_[place.first_word + i] |= place.bits[i];
}

bool KeyFilter::MayHave(const DeliveryKey& key) const {
  const PlaceInFilter place = PlaceOf(key);
  for (std::size_t i = 0; i < kWordsALine; ++i) {
    if ((bits_[place.first_word + i] & place.bits[i]) != place.bits[i]) return false;
  }
  return true;
}

}  // namespace failgate
