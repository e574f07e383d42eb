#include "controller/git/object_pack.h"

#include <openssl/evp.h>
#include <zlib.h>

#include <algorithm>
#include <array>

#include "controller/base/digest.h"
#include "controller/base/durable_file.h"
#include "controller/base/error.h"

namespace failgate {
namespace {

constexpr std::size_t kHeaderBytes = 12;
constexpr std::size_t kSha1Bytes = 20;
constexpr unsigned kDeltaOnPlace = 6;
/// Larger offsets need a second table in the index.
constexpr std::size_t kMaxPackBytes = std::size_t{1} << 31U;
/// What is larger is nearly always a folder's tree, half of it ids that nothing makes smaller.
constexpr std::size_t kHastyBytes = std::size_t{32} << 10U;
constexpr mode_t kPackMode = 0444;

void AppendNumber(std::string& bytes, std::uint32_t number) {
  for (const unsigned shift : {24U, 16U, 8U, 0U}) {
    bytes += static_cast<char>(number >> shift);
  }
}

std::string Sha1Raw(std::string_view bytes) {
  std::array<unsigned char, kSha1Bytes> digest{};
  unsigned size = 0;
  Check(EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha1(), nullptr) == 1 &&
            size == kSha1Bytes,
        "SHA-1 of a pack");
  return {digest.begin(), digest.end()};
}

void AppendKindAndSize(std::string& bytes, unsigned kind, std::size_t size) {
  std::size_t byte = (kind << 4U) | (size & 0xFU);
  for (size >>= 4U; size > 0; size >>= 7U) {
    bytes += static_cast<char>(byte | 0x80U);
    byte = size & 0x7FU;
  }
  bytes += static_cast<char>(byte);
}

void AppendDistance(std::string& bytes, std::uint64_t distance) {
  std::string reversed(1, static_cast<char>(distance & 0x7FU));
  while ((distance >>= 7U) > 0) {
    --distance;
    reversed += static_cast<char>(0x80U | (distance & 0x7FU));
  }
  bytes.append(reversed.rbegin(), reversed.rend());
}

}  // namespace

/// One stream for all objects: making one costs more than deflating a small object.
struct ObjectPack::Deflater {
  Deflater() { Check(deflateInit(&stream, level) == Z_OK, "deflating starts"); }
  ~Deflater() { deflateEnd(&stream); }
  Deflater(const Deflater&) = delete;
  Deflater& operator=(const Deflater&) = delete;

  void Append(std::string& bytes, std::string_view content) {
    Check(deflateReset(&stream) == Z_OK, "deflating starts again");
    const int wanted = content.size() > kHastyBytes ? Z_BEST_SPEED : Z_DEFAULT_COMPRESSION;
    if (wanted != level) {
      Check(deflateParams(&stream, wanted, Z_DEFAULT_STRATEGY) == Z_OK, "deflating at a level");
      level = wanted;
    }
    const std::size_t begin = bytes.size();
    bytes.resize(begin + deflateBound(&stream, content.size()));
    // zlib reads through a pointer that older interfaces did not make const.
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
    stream.avail_in = static_cast<uInt>(content.size());
    stream.next_out = reinterpret_cast<Bytef*>(bytes.data() + begin);
    stream.avail_out = static_cast<uInt>(bytes.size() - begin);
    Check(deflate(&stream, Z_FINISH) == Z_STREAM_END, "deflating fits the bound");
    bytes.resize(bytes.size() - stream.avail_out);
  }

  z_stream stream{};
  int level = Z_DEFAULT_COMPRESSION;
};

ObjectPack::ObjectPack()
    : deflater_(std::make_unique<Deflater>()), bytes_(std::string(kHeaderBytes, '\0')) {}
ObjectPack::~ObjectPack() = default;

std::uint64_t ObjectPack::Begin(std::string_view id) {
  Check(checksum_.empty(), "nothing is added to a sealed pack");
  Check(id.size() == kSha1Bytes, "an object's id has 20 bytes");
  entries_.push_back({std::string(id), 0, static_cast<std::uint32_t>(bytes_.size())});
  return bytes_.size();
}

void ObjectPack::DemandRoom(std::size_t size) const {
  if (size >= kMaxPackBytes || bytes_.size() >= kMaxPackBytes - size) {
    throw Error(Remedy::kNeedsChange, "writing a pack: it may have 2 GiB; write less at once");
  }
}

/// Of the entry that ends where the pack ends now.
void ObjectPack::SumUp() {
  Entry& entry = entries_.back();
  entry.checksum =
      static_cast<std::uint32_t>(crc32(0,
                                       reinterpret_cast<const Bytef*>(bytes_.data() + entry.place),
                                       static_cast<uInt>(bytes_.size() - entry.place)));
}

void ObjectPack::End(std::string_view content) {
  DemandRoom(content.size());
  deflater_->Append(bytes_, content);
  SumUp();
}

std::uint64_t ObjectPack::Add(std::string_view id, ObjectKind kind, std::string_view bytes) {
  const std::uint64_t place = Begin(id);
  AppendKindAndSize(bytes_, static_cast<unsigned>(kind), bytes.size());
  End(bytes);
  return place;
}

std::uint64_t ObjectPack::AddDeflated(std::string_view id,
                                      ObjectKind kind,
                                      std::size_t size,
                                      std::string_view stream) {
  const std::uint64_t place = Begin(id);
  AppendKindAndSize(bytes_, static_cast<unsigned>(kind), size);
  DemandRoom(stream.size());
  bytes_ += stream;
  SumUp();
  return place;
}

std::uint64_t ObjectPack::AddDelta(std::string_view id,
                                   std::uint64_t base,
                                   std::string_view delta) {
  const std::uint64_t place = Begin(id);
  Check(base >= kHeaderBytes && base < place, "a delta stands behind its base");
  AppendKindAndSize(bytes_, kDeltaOnPlace, delta.size());
  AppendDistance(bytes_, place - base);
  End(delta);
  return place;
}

std::string ObjectPack::Index(std::string_view pack_checksum) const {
  std::vector<Entry> sorted = entries_;
  std::sort(sorted.begin(), sorted.end(), [](const Entry& a, const Entry& b) {
    return a.id < b.id;  // std::string compares bytes as unsigned
  });
  std::string index("\377tOc");
  AppendNumber(index, 2);
  auto next = sorted.begin();
  for (int first_byte = 0; first_byte < 256; ++first_byte) {
    while (next != sorted.end() && static_cast<unsigned char>(next->id[0]) <= first_byte) {
      ++next;
    }
    AppendNumber(index, static_cast<std::uint32_t>(next - sorted.begin()));
  }
  for (const Entry& entry : sorted) {
    index += entry.id;
  }
  for (const Entry& entry : sorted) {
    AppendNumber(index, entry.checksum);
  }
  for (const Entry& entry : sorted) {
    AppendNumber(index, entry.place);
  }
  index += pack_checksum;
  return index + Sha1Raw(index);
}

const std::string& ObjectPack::Seal() {
  if (checksum_.empty()) {
    std::string header("PACK");
    AppendNumber(header, 2);
    AppendNumber(header, static_cast<std::uint32_t>(entries_.size()));
    bytes_.replace(0, kHeaderBytes, header);
    checksum_ = Sha1Raw(bytes_);
    bytes_ += checksum_;
  }
  return bytes_;
}

void ObjectPack::Write(const std::filesystem::path& folder) {
  const std::string& bytes = Seal();
  const std::string name = "pack-" + HexEncode(checksum_);
  WriteFileDurably(folder / (name + ".pack"), bytes, kPackMode);
  WriteFileDurably(folder / (name + ".idx"), Index(checksum_), kPackMode);
}

}  // namespace failgate
