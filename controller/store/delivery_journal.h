// The journal of deliveries: what makes a 202 true. One write and one fdatasync a batch.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/durable_file.h"
#include "controller/base/guarded.h"
#include "controller/store/journal_folder.h"
#include "controller/store/journal_record.h"

namespace failgate {

/// Append is for one thread, PrepareNext for one other, Read for any.
class DeliveryJournal {
 public:
  struct Entry {
    std::string_view id;
    const NewDelivery& delivery;  ///< with its body
  };
  /// Makes the folder when absent; writing starts in a new segment.
  DeliveryJournal(std::filesystem::path folder, std::size_t segment_bytes);
  ~DeliveryJournal();
  DeliveryJournal(const DeliveryJournal&) = delete;
  DeliveryJournal& operator=(const DeliveryJournal&) = delete;

  /// Calls `each` for every whole record behind `from`, oldest first; a torn one ends its segment.
  /// Space written beforehand and not used is given back. Before the first Append only.
  void ReadBehind(JournalPosition from, const std::function<void(StoredDelivery)>& each);

  /// Durable when it returns. Throws Error; nothing of the batch counts then, and the next call
  /// writes to a new segment.
  std::vector<BodyPlace> Append(const std::vector<Entry>& entries);
  /// The present segment is half full, and no next one is ready. Any thread.
  [[nodiscard]] bool WantsNext() const;
  /// Makes the next segment ready if it is wanted. Never needed: Append makes one itself, with
  /// slower syncs.
  void PrepareNext();
  /// The body as it was received; throws Error when it cannot be read or is larger than
  /// `body_bytes`.
  [[nodiscard]] std::string Read(const BodyPlace& place, std::size_t body_bytes) const;
  /// Everything of the delivery whose body is at `place` but that body; throws Error when the
  /// record cannot be read or is not whole. Needs head_bytes.
  [[nodiscard]] StoredDelivery ReadDelivery(const BodyPlace& place) const;

  [[nodiscard]] const JournalFolder& folder() const { return folder_; }

 private:
  struct Compressor;
  struct Current {
    JournalFolder::NewSegment segment;
    std::string name;
    long long number = 0;
    long long size = 0;  ///< records end here
    /// Where the next write begins: at `size`, or at the page it lies in.
    [[nodiscard]] long long WriteBegin() const {
      return segment.direct ? size / kPageBytes * kPageBytes : size;
    }
  };
  struct Shared {
    long long last_number = 0;  ///< of a segment that was made or is being made
    long long room = 0;         ///< bytes left in the segment being written
    std::optional<JournalFolder::NewSegment> prepared;  ///< segment `last_number`, not used yet
  };
  [[nodiscard]] bool Wants(const Shared& shared) const;
  void OpenNext();
  BodyPlace AppendToBuffer(const Entry& entry);
  void WriteBuffer();
  void KeepLastPage();
  void GiveUpSegment() noexcept;
  [[nodiscard]] std::string Bytes(long long segment, long long offset, long long count) const;

  JournalFolder folder_;
  const long long segment_bytes_;
  std::unique_ptr<Compressor> compressor_;
  PageBytes buffer_;  ///< what stands in the segment from WriteBegin on, and what comes behind it
  Current current_;
  Guarded<Shared> shared_;
};

}  // namespace failgate
