// One delivery as the journal holds it: its bytes on disk and what is read back from them.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "controller/store/delivery_record.h"
#include "controller/store/page_bytes.h"

namespace failgate {

/// A place in the journal. Numbers of segments are never used twice and grow with time.
struct JournalPosition {
  long long segment = 0;
  long long offset = 0;
  auto operator<=>(const JournalPosition&) const = default;
};

/// Where a body lies: as it is, or in a zstd frame. No body that begins like a frame is stored as
/// it is, so that the bytes tell which; older versions wrote frames only.
struct BodyPlace {
  long long segment = 0;
  long long offset = 0;
  long long stored_bytes = 0;
  long long head_bytes = 0;  ///< before it; 0 = not known, of a former version
  /// Bodies are the end of their record.
  [[nodiscard]] JournalPosition RecordEnd() const { return {segment, offset + stored_bytes}; }
};

/// Everything of a delivery that was answered, but its body.
struct StoredDelivery {
  std::string id;        ///< ours, UUID 7
  NewDelivery delivery;  ///< `body` is empty
  std::size_t body_bytes = 0;
  BodyPlace place;
};

/// A record is: sizes of head and body (32 bits each), checksum (16 bytes), head, body. The head
/// holds everything of `delivery` but its body, which the caller appends. The checksum is over the
/// record's place, the sizes, the head and, when it is a frame, the body; a body that is stored as
/// it is has its own digest in the head, and is not hashed twice.
inline constexpr std::size_t kRecordPrefixBytes = 24;

/// Appends the head of a record.
void AppendRecordHead(PageBytes& bytes, std::string_view id, const NewDelivery& delivery);

struct RecordSizes {
  std::uint32_t head = 0;
  std::uint32_t body = 0;
};
/// Whether what is stored of a body is a zstd frame.
[[nodiscard]] bool IsFrame(std::string_view stored_body);
/// What stands before head and body. The checksum covers `at` too, so that a record is only valid
/// where it was written. `content` is head and body.
[[nodiscard]] std::string RecordPrefix(JournalPosition at,
                                       RecordSizes sizes,
                                       std::string_view content);
/// nullopt for zeros: nothing was written there.
[[nodiscard]] std::optional<RecordSizes> ParseRecordSizes(std::string_view prefix);
/// The delivery whose record begins at `at`; nullopt for what was not written there as it is.
/// `content` has the sizes that ParseRecordSizes read out of `prefix`.
[[nodiscard]] std::optional<StoredDelivery> ParseRecord(JournalPosition at,
                                                        std::string_view prefix,
                                                        std::string_view content);

}  // namespace failgate
