// The durable inbox of webhook deliveries: journalled before the 202, duplicates known, bounded.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "controller/base/clock.h"
#include "controller/base/guarded.h"
#include "controller/base/ids.h"
#include "controller/base/periodic_loop.h"
#include "controller/store/database.h"
#include "controller/store/delivery_journal.h"
#include "controller/store/delivery_key.h"
#include "controller/store/delivery_record.h"
#include "controller/store/inbox_counts.h"
#include "controller/store/unindexed_deliveries.h"

namespace failgate {

/// What Accept came to. `id` is ours (UUID 7): of the stored delivery, or of the first one for a
/// duplicate.
struct AcceptOutcome {
  enum class Kind {
    kQueued,
    kDuplicate,  ///< same source, delivery id and body within the window: nothing written
    kIgnored,    ///< stored as ignored
    kFull,       ///< a limit is reached: answer 503, the sender tries again
    kFailed,     ///< the disk refused: answer 503; nothing was acknowledged
  };
  Kind kind = Kind::kFailed;
  std::string id;
};

/// Accept may be called from any thread and never waits for the disk. Step (or the writer thread of
/// Start) appends everything that waits to the journal with one fdatasync and answers it. The rows
/// of the database follow later, in batches (Index, or the indexer thread of Start); the
/// constructor reads what a former life had journalled and not indexed. Everything that asks
/// for rows indexes first, so nobody can tell the difference.
class Inbox {
 public:
  struct Options {
    std::size_t max_queued_rows = 50000;
    std::size_t max_queued_bytes = std::size_t{512}
                                   << 20U;  ///< bodies not yet processed, as received
    bool many_sources = false;              ///< none may then fill these limits (InboxCounts)
    std::size_t max_batch_rows = 512;
    std::size_t max_unindexed = 16384;  ///< past it the writer indexes before it goes on
    std::size_t segment_bytes = std::size_t{32} << 20U;
    Milliseconds duplicate_window = std::chrono::hours(96);
    Milliseconds keep = std::chrono::hours(24 * 14);  ///< done and ignored ones, with bodies
    long long max_journal_bytes = 4LL << 30U;         ///< past it they go earlier, oldest first
    Milliseconds index_every{200};
    /// An open one has no row for as long: most are done by then, and their row is written once.
    Milliseconds row_delay{2000};
  };
  /// `journal_folder` is made when absent (0700).
  Inbox(Database& database,
        std::filesystem::path journal_folder,
        Options options,
        const Clock& clock = SystemClock());
  ~Inbox();
  Inbox(const Inbox&) = delete;
  Inbox& operator=(const Inbox&) = delete;

  /// Called on the writer's thread after each batch that queued something. Set before Start.
  void OnQueued(std::function<void()> wake);
  /// What `together` makes lives while the answers of one batch are given. Set before Start.
  void OnAnswering(std::function<std::shared_ptr<void>()> together);
  /// Puts deliveries that were being processed when the program died back to queued. Once, before
  /// Start.
  void Recover();
  void Start();
  /// Writes what waits, answers and indexes it, ends the threads. Accept answers kFull afterwards.
  /// Idempotent.
  void Stop();

  /// `done` is called exactly once: at once on this thread for kFull, else on the writer's thread
  /// after the outcome is durable. It must not block and must not throw.
  void Accept(NewDelivery delivery, std::function<void(AcceptOutcome)> done);
  /// Accept, but the writer is not woken before Write: one wake for deliveries that came at once.
  void Collect(NewDelivery delivery, std::function<void(AcceptOutcome)> done);
  /// Wakes the writer if deliveries wait. Any thread.
  void Write();
  /// One batch; answers how many deliveries it handled.
  std::size_t Step();
  /// Makes rows of the oldest deliveries that are only in the journal; answers of how many.
  std::size_t Index() const;
  /// The indexer's step: rows of what is done or has waited for long, and of all when there is too
  /// much to keep; answers of how many.
  std::size_t IndexSettled() const;

  /// Oldest first, sources in turn, none of a source in `except`; each is `processing` until
  /// MarkDone. Restart-safe (Recover).
  [[nodiscard]] std::vector<QueuedDelivery> TakeQueued(std::size_t limit,
                                                       const std::set<SourceName>& except = {});
  /// In one transaction at most. Idempotent; unknown ids are no error.
  void MarkDone(const std::vector<DeliveryResult>& results);
  /// For those that were taken but cannot be handled now.
  void GiveBack(const std::vector<std::string>& ids);

  /// Newest first.
  [[nodiscard]] std::vector<DeliveryRecord> List(const DeliveryFilter& filter) const;
  [[nodiscard]] std::optional<DeliveryRecord> Show(const std::string& id) const;
  /// nullopt for an unknown id or a body no longer kept; throws Error when it does not match its
  /// sha256.
  [[nodiscard]] std::optional<std::string> Body(const std::string& id) const;
  /// Queues it again; true also when it is queued already; false for an unknown id.
  bool Replay(const std::string& id);
  [[nodiscard]] InboxStatistics Statistics() const;
  /// Deletes what Options::keep and max_journal_bytes no longer cover, and segments nobody refers
  /// to. Deliveries that are queued or being processed stay whatever the limits say. For a slow
  /// loop.
  void Prune();

 private:
  struct Waiting {
    NewDelivery delivery;
    std::function<void(AcceptOutcome)> done;
    SourceName source;
    long long body_bytes = 0;
    std::optional<DeliveryKey> key;
    AcceptOutcome outcome;
  };
  struct State {
    explicit State(InboxCounts::Limits limits) : counts(limits) {}
    std::vector<Waiting> waiting;
    InboxCounts counts;
    bool stopped = false;
  };
  /// Where the writer leaves what it has written, for whoever indexes or takes next.
  struct Written {
    std::vector<UnindexedDelivery> fresh;
    std::size_t unindexed = 0;  ///< fresh ones and those of Indexing
    RecentKeys keys;            ///< of all that are not in the table of keys
  };
  /// Held by whoever turns journal into rows or changes what becomes of a delivery, one at a time
  /// and for as long as that takes; the writer does not need it. Taken before the other locks.
  struct Indexing {
    JournalPosition done;                    ///< as the database holds it
    std::map<SourceName, long long> queued;  ///< rows of the database
    UnindexedDeliveries unindexed;           ///< complete after Collect
  };
  using Positions = Guarded<Indexing>::Access;

  // inbox.cpp: the way in
  void PrepareSegment();
  std::vector<Waiting> TakeBatch();
  std::vector<UnindexedDelivery> WriteBatch(std::vector<Waiting>& batch);
  void GiveIds(std::vector<Waiting>& batch);
  [[nodiscard]] std::optional<std::string> KnownDelivery(const Waiting& waiting) const;
  std::vector<UnindexedDelivery> Append(std::vector<Waiting>& batch);
  void Settle(const std::vector<Waiting>& batch, std::vector<UnindexedDelivery> written);
  // inbox_index.cpp: from the journal to rows
  void ReadJournal();
  void LoadCounts();
  void IndexAll() const;
  std::size_t IndexFirst(Positions& indexing, std::size_t count, Durability durability) const;
  [[nodiscard]] std::size_t Unindexed() const { return written_.Lock()->unindexed; }
  /// Everything that was written before the call is in `unindexed` then.
  [[nodiscard]] Positions Collect() const;
  // inbox_keys.cpp: what tells duplicates
  void LoadKeys();
  void WriteKeysOfFullSegments() const;
  void WriteKeys(long long segment, const KeyedDeliveries& keys) const;
  // inbox_take.cpp: the way out
  void TakeRows(Positions& indexing,
                std::map<SourceName, std::size_t>& shares,
                std::vector<QueuedDelivery>& taken);
  void TakeUnindexed(Positions& indexing,
                     std::map<SourceName, std::size_t>& shares,
                     std::vector<QueuedDelivery>& taken);
  struct Moved {
    long long rows = 0;
    long long bytes = 0;
    void AddOne(long long body_bytes) {
      ++rows;
      bytes += body_bytes;
    }
  };
  /// Counts all at once: one lock for each delivery would keep the writer from ever getting it.
  void Move(const std::map<SourceName, Moved>& moved, DeliveryStatus from, DeliveryStatus to) const;
  // inbox_retention.cpp
  using Deleted = std::vector<std::pair<SourceName, DeliveryStatus>>;
  void CountDeleted(const Deleted& deleted);
  void DeleteOldRows();
  void DeleteOldSegments();
  void DeleteClosedRows(long long segment);

  Database& database_;
  const Options options_;
  const Clock& clock_;
  DeliveryJournal journal_;
  Guarded<State> state_;
  Guarded<Indexing> indexing_;
  Guarded<Written> written_;
  std::function<void()> on_queued_;
  std::function<std::shared_ptr<void>()> together_;
  KeyFilter seen_;                ///< of the writer's thread: all keys of the window
  bool failing_ = false;          ///< of the writer's thread: the disk refused the last batch
  bool prepare_failing_ = false;  ///< of the preparer's thread
  std::unique_ptr<PeriodicLoop> preparer_;  ///< of the journal's next segment
  std::unique_ptr<PeriodicLoop> indexer_;
  std::unique_ptr<PeriodicLoop> writer_;
};

}  // namespace failgate
