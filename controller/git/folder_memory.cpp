#include "controller/git/folder_memory.h"

#include <zlib.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "controller/base/error.h"
#include "controller/git/object_delta.h"

namespace failgate {
namespace {

/// A change compresses one of them again; each costs some 70 bytes of tables.
constexpr std::size_t kPiece = std::size_t{2} << 10U;
constexpr std::size_t kMaxPiece = kPiece * 3 / 2;
/// Deflate with a window of 32 KiB, at the usual level, no dictionary.
constexpr std::string_view kHeader("\x78\x9C", 2);
/// A last block of nothing.
constexpr std::string_view kEnd("\x03\x00", 2);

}  // namespace

struct FolderMemory::Stream {
  Stream() {
    Check(
        deflateInit2(&zlib, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) == Z_OK,
        "deflating starts");
  }
  ~Stream() { deflateEnd(&zlib); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  /// Blocks that end on a byte and look back at nothing before them.
  std::string Deflate(std::string_view bytes) {
    Check(deflateReset(&zlib) == Z_OK, "deflating starts again");
    std::string deflated(deflateBound(&zlib, bytes.size()) + 16, '\0');
    // zlib reads through a pointer that older interfaces did not make const.
    zlib.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    zlib.avail_in = static_cast<uInt>(bytes.size());
    zlib.next_out = reinterpret_cast<Bytef*>(deflated.data());
    zlib.avail_out = static_cast<uInt>(deflated.size());
    Check(deflate(&zlib, Z_FULL_FLUSH) == Z_OK && zlib.avail_in == 0 && zlib.avail_out > 0,
          "deflating fits the bound");
    deflated.resize(deflated.size() - zlib.avail_out);
    deflated.shrink_to_fit();
    return deflated;
  }

  z_stream zlib{};
};

FolderMemory::FolderMemory() : stream_(std::make_unique<Stream>()) {}
FolderMemory::~FolderMemory() = default;

std::size_t FolderMemory::SizeOf(const Folder& folder) {
  std::size_t size = folder.newest.size() + folder.deflated.size();
  for (const Piece& piece : folder.pieces) {
    size += piece.deflated.size() + sizeof(Piece);
  }
  return size;
}

std::vector<FolderMemory::Piece> FolderMemory::DeflatePieces(std::string_view bytes) {
  std::vector<Piece> pieces;
  std::size_t left = bytes.size() <= kMaxPiece ? 1 : (bytes.size() + kPiece - 1) / kPiece;
  while (!bytes.empty()) {
    const std::string_view part = bytes.substr(0, bytes.size() / left--);
    const auto checksum =
        adler32(1, reinterpret_cast<const Bytef*>(part.data()), static_cast<uInt>(part.size()));
    pieces.push_back({part.size(), static_cast<std::uint32_t>(checksum), stream_->Deflate(part)});
    bytes.remove_prefix(part.size());
  }
  return pieces;
}

/// The pieces become those of `bytes`.
void FolderMemory::Replace(Folder& folder, std::string_view bytes) {
  const std::size_t prefix = CommonPrefix(folder.deflated, bytes);
  const std::size_t suffix =
      CommonSuffix(std::string_view(folder.deflated).substr(prefix), bytes.substr(prefix));
  auto first_changed = folder.pieces.begin();
  std::size_t before = 0;
  while (first_changed != folder.pieces.end() && before + first_changed->size <= prefix) {
    before += first_changed++->size;
  }
  auto behind_changed = folder.pieces.end();
  std::size_t behind = 0;
  while (behind_changed != first_changed && behind + std::prev(behind_changed)->size <= suffix) {
    behind += (--behind_changed)->size;
  }
  std::vector<Piece> changed = DeflatePieces(bytes.substr(before, bytes.size() - before - behind));
  const auto place = folder.pieces.erase(first_changed, behind_changed);
  folder.pieces.insert(
      place, std::make_move_iterator(changed.begin()), std::make_move_iterator(changed.end()));
  folder.deflated = bytes;
}

std::string FolderMemory::Deflate(const std::string& path, std::string_view bytes) {
  Folder& folder = folders_[path];
  bytes_ -= SizeOf(folder);
  Replace(folder, bytes);
  folder.used = ++uses_;
  bytes_ += SizeOf(folder);

  std::string stream(kHeader);
  uLong checksum = adler32(0, nullptr, 0);
  for (const Piece& piece : folder.pieces) {
    stream += piece.deflated;
    checksum = adler32_combine(checksum, piece.checksum, static_cast<z_off_t>(piece.size));
  }
  stream += kEnd;
  for (const unsigned shift : {24U, 16U, 8U, 0U}) {
    stream += static_cast<char>(checksum >> shift);
  }
  ForgetOldest();
  return stream;
}

void FolderMemory::Keep(const std::string& path, const ObjectId& id, std::string bytes) {
  if (bytes.size() < kSmallest) {
    return;
  }
  Folder& folder = folders_[path];
  bytes_ += bytes.size();
  bytes_ -= folder.newest.size();
  folder.id = id;
  folder.newest = std::move(bytes);
  folder.used = ++uses_;
  ForgetOldest();
}

std::optional<std::string_view> FolderMemory::Find(const std::string& path,
                                                   const ObjectId& id) const {
  const auto folder = folders_.find(path);
  return folder == folders_.end() || folder->second.id != id
             ? std::nullopt
             : std::optional<std::string_view>(folder->second.newest);
}

void FolderMemory::ForgetOldest() {
  while (bytes_ > kMaxBytes) {
    const auto oldest =
        std::min_element(folders_.begin(), folders_.end(), [](const auto& a, const auto& b) {
          return a.second.used < b.second.used;
        });
    bytes_ -= SizeOf(oldest->second);
    folders_.erase(oldest);
  }
}

}  // namespace failgate
