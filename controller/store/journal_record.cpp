#include "controller/store/journal_record.h"

#include <limits>

#include "controller/base/digest.h"
#include "controller/base/error.h"
#include "controller/store/body_digest.h"

namespace failgate {
namespace {

constexpr std::size_t kSizeBytes = 4;
constexpr std::size_t kChecksumBytes = 16;
// RFC 8878 §3.1.1.
constexpr std::string_view kFrameMagic = "\x28\xB5\x2F\xFD";

template <typename Bytes, typename Integer>
void AppendInteger(Bytes& bytes, Integer value) {
  const auto number = static_cast<std::uint64_t>(value);
  std::array<char, sizeof(Integer)> little_endian{};
  for (unsigned i = 0; i < sizeof(Integer); ++i) {
    little_endian.at(i) = static_cast<char>(static_cast<unsigned char>(number >> (8U * i)));
  }
  bytes.append(little_endian.data(), little_endian.size());
}

void AppendText(PageBytes& bytes, std::string_view text) {
  Check(text.size() <= std::numeric_limits<std::uint32_t>::max(), "a text fits into a record");
  AppendInteger(bytes, static_cast<std::uint32_t>(text.size()));
  bytes += text;
}

// Reads what the functions above wrote; after the first fault everything is empty.
class HeadReader {
 public:
  explicit HeadReader(std::string_view bytes) : rest_(bytes) {}

  template <typename Integer>
  Integer Number() {
    const std::string_view bytes = Bytes(sizeof(Integer));
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      value |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[i])) << (8U * i);
    }
    return static_cast<Integer>(value);
  }
  std::string Text() { return std::string(Bytes(Number<std::uint32_t>())); }
  [[nodiscard]] bool good() const { return good_; }
  [[nodiscard]] bool at_end() const { return good_ && rest_.empty(); }

 private:
  std::string_view Bytes(std::size_t count) {
    good_ = good_ && count <= rest_.size();
    if (!good_) return {};
    const std::string_view bytes = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return bytes;
  }
  std::string_view rest_;
  bool good_ = true;
};

std::optional<StoredDelivery> ParseRecordHead(std::string_view head) {
  HeadReader reader(head);
  StoredDelivery stored;
  NewDelivery& delivery = stored.delivery;
  stored.id = reader.Text();
  delivery.source = SourceName(reader.Text());
  delivery.provider = reader.Text();
  delivery.delivery_id = reader.Text();
  delivery.event_name = reader.Text();
  delivery.body_digest = NamedBodyDigest(reader.Text());
  stored.body_bytes = static_cast<std::size_t>(reader.Number<std::uint64_t>());
  delivery.remote_address = reader.Text();
  delivery.received_at = TimePoint(Milliseconds(reader.Number<std::int64_t>()));
  const bool queued = reader.Number<std::uint8_t>() != 0;
  delivery.kind = queued ? NewDelivery::Kind::kQueued : NewDelivery::Kind::kIgnored;
  delivery.ignored_because = reader.Text();
  for (auto left = reader.Number<std::uint32_t>(); left > 0 && reader.good(); --left) {
    std::string name = reader.Text();
    delivery.headers.emplace_back(std::move(name), reader.Text());
  }
  for (auto left = reader.Number<std::uint32_t>(); left > 0 && reader.good(); --left) {
    std::string ref = reader.Text();
    delivery.refs.push_back(RefHint{std::move(ref), reader.Number<std::uint8_t>() != 0});
  }
  if (!reader.at_end()) return std::nullopt;
  return stored;
}

}  // namespace

bool IsFrame(std::string_view stored_body) {
  return stored_body.substr(0, kFrameMagic.size()) == kFrameMagic;
}

void AppendRecordHead(PageBytes& bytes, std::string_view id, const NewDelivery& delivery) {
  AppendText(bytes, id);
  AppendText(bytes, delivery.source.text());
  AppendText(bytes, delivery.provider);
  AppendText(bytes, delivery.delivery_id);
  AppendText(bytes, delivery.event_name);
  AppendText(bytes, delivery.body_digest);
  AppendInteger(bytes, static_cast<std::uint64_t>(delivery.body.size()));
  AppendText(bytes, delivery.remote_address);
  AppendInteger(bytes, static_cast<std::int64_t>(delivery.received_at.time_since_epoch().count()));
  AppendInteger(bytes, static_cast<std::uint8_t>(delivery.kind == NewDelivery::Kind::kQueued));
  AppendText(bytes, delivery.ignored_because);
  AppendInteger(bytes, static_cast<std::uint32_t>(delivery.headers.size()));
  for (const auto& [name, value] : delivery.headers) {
    AppendText(bytes, name);
    AppendText(bytes, value);
  }
  AppendInteger(bytes, static_cast<std::uint32_t>(delivery.refs.size()));
  for (const RefHint& hint : delivery.refs) {
    AppendText(bytes, hint.ref);
    AppendInteger(bytes, static_cast<std::uint8_t>(hint.deleted));
  }
}

std::string RecordPrefix(JournalPosition at, RecordSizes sizes, std::string_view content) {
  std::string place;
  AppendInteger(place, static_cast<std::uint64_t>(at.segment));
  AppendInteger(place, static_cast<std::uint64_t>(at.offset));
  std::string prefix;
  AppendInteger(prefix, sizes.head);
  AppendInteger(prefix, sizes.body);
  const bool frame = IsFrame(content.substr(sizes.head));
  Sha256 checksum;
  checksum.Update(place + prefix);
  checksum.Update(frame ? content : content.substr(0, sizes.head));
  // 64 bits of it are more than enough against torn writes; nobody forges our own files.
  prefix += checksum.FinishHex().substr(0, kChecksumBytes);
  return prefix;
}

std::optional<RecordSizes> ParseRecordSizes(std::string_view prefix) {
  HeadReader reader(prefix.substr(0, 2 * kSizeBytes));
  RecordSizes sizes;
  sizes.head = reader.Number<std::uint32_t>();
  sizes.body = reader.Number<std::uint32_t>();
  if (!reader.at_end() || sizes.head == 0) return std::nullopt;
  return sizes;
}

std::optional<StoredDelivery> ParseRecord(JournalPosition at,
                                          std::string_view prefix,
                                          std::string_view content) {
  const std::optional<RecordSizes> sizes = ParseRecordSizes(prefix);
  if (!sizes || content.size() != std::size_t{sizes->head} + sizes->body) return std::nullopt;
  std::optional<StoredDelivery> stored = ParseRecordHead(content.substr(0, sizes->head));
  if (!stored || RecordPrefix(at, *sizes, content) != prefix) return std::nullopt;
  const std::string_view body = content.substr(sizes->head);
  if (!IsFrame(body) &&
      (body.size() != stored->body_bytes || !IsDigestOfBody(stored->delivery.body_digest, body))) {
    return std::nullopt;
  }
  const long long begin = at.offset + static_cast<long long>(kRecordPrefixBytes);
  stored->place = {at.segment, begin + sizes->head, sizes->body, sizes->head};
  return stored;
}

}  // namespace failgate
