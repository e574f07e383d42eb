// Facts owed to the deploy log that are not on the remote yet.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "controller/base/clock.h"
#include "controller/base/ids.h"
#include "controller/store/database.h"

namespace failgate {

struct OwedFact {
  std::string key;  ///< names what happened, so that the same fact is owed once
  std::string payload_json;
  TimePoint created;
  CommitId commit;  ///< empty until written
};

/// Thread-safe.
class FactOutbox {
 public:
  explicit FactOutbox(Database& database, const Clock& clock = SystemClock());
  /// False when the key is known (owed or written): nothing changes.
  bool Add(const std::string& key, const std::string& payload_json);
  /// In the order they were added.
  [[nodiscard]] std::vector<OwedFact> Pending(std::size_t limit = 100) const;
  [[nodiscard]] std::optional<OwedFact> Get(const std::string& key) const;
  /// "Written" means pushed. Idempotent: the first commit stays.
  void MarkWritten(const std::string& key, const CommitId& commit);
  /// Forgets written facts older than `age`.
  void Prune(Milliseconds age);

 private:
  Database& database_;
  const Clock& clock_;
};

}  // namespace failgate
