// The durable inbox of webhook deliveries: group commit before the 202, duplicates known, bounded.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
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
#include "controller/store/body_segments.h"
#include "controller/store/database.h"
#include "controller/store/delivery_record.h"

namespace failgate {

/// What Accept came to. `id` is ours (UUID 7): of the stored row, or of the first one for a
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

/// Accept may be called from any thread and never waits for the disk. Step (or the thread of Start)
/// writes everything that waits: bodies with one fdatasync, rows with one transaction, then the
/// answers.
class Inbox {
 public:
  struct Options {
    std::size_t max_queued_rows = 50000;
    std::size_t max_queued_bytes = std::size_t{512}
                                   << 20U;  ///< bodies not yet processed, as received
    std::size_t max_batch_rows = 512;
    std::size_t segment_bytes = std::size_t{32} << 20U;
    Milliseconds duplicate_window = std::chrono::hours(96);
    Milliseconds keep = std::chrono::hours(24 * 14);  ///< done and ignored rows, with bodies
  };
  /// `body_folder` is made when absent (0700).
  Inbox(Database& database,
        std::filesystem::path body_folder,
        Options options,
        const Clock& clock = SystemClock());
  ~Inbox();
  Inbox(const Inbox&) = delete;
  Inbox& operator=(const Inbox&) = delete;

  /// Called on the writer's thread after each batch that queued something. Set before Start.
  void OnQueued(std::function<void()> wake);
  /// Puts rows that were being processed when the program died back to queued. Once, before Start.
  void Recover();
  void Start();
  /// Writes what waits, answers it, ends the thread. Accept answers kFull afterwards. Idempotent.
  void Stop();

  /// `done` is called exactly once: at once on this thread for kFull, else on the writer's thread
  /// after the outcome is durable. It must not block and must not throw.
  void Accept(NewDelivery delivery, std::function<void(AcceptOutcome)> done);
  /// One batch; answers how many deliveries it handled.
  std::size_t Step();

  /// Oldest first, none of a source in `except`; each is `processing` until MarkDone. Restart-safe
  /// (Recover).
  [[nodiscard]] std::vector<QueuedDelivery> TakeQueued(std::size_t limit,
                                                       const std::set<SourceName>& except = {});
  /// In one transaction. Idempotent; unknown ids are no error.
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
  /// Deletes what Options::keep no longer covers, and body files nobody refers to. For a slow loop.
  void Prune();

 private:
  struct Waiting {
    NewDelivery delivery;
    std::function<void(AcceptOutcome)> done;
    AcceptOutcome outcome;
  };
  struct State {
    std::vector<Waiting> waiting;
    long long waiting_bytes = 0;
    std::size_t writing_rows = 0;  ///< taken out of `waiting`, not yet answered
    long long queued_rows = 0;     ///< those being written included
    long long queued_bytes = 0;
    bool stopped = false;
  };
  [[nodiscard]] bool IsFull(const State& state, const NewDelivery& delivery) const;
  std::vector<Waiting> TakeBatch();
  void WriteBatch(std::vector<Waiting>& batch);
  void FindDuplicates(std::vector<Waiting>& batch);
  void InsertRows(std::vector<Waiting>& batch, const std::vector<BodyPlace>& places);
  void CountQueued(long long rows, long long bytes);

  Database& database_;
  Options options_;
  const Clock& clock_;
  BodySegments bodies_;
  Guarded<State> state_;
  std::function<void()> on_queued_;
  bool failing_ = false;  ///< of the writer's thread: the disk refused the last batch
  std::unique_ptr<PeriodicLoop> writer_;
};

}  // namespace failgate
