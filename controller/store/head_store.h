// The last processed head of every ref of every source.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "controller/base/clock.h"
#include "controller/base/ids.h"
#include "controller/store/database.h"

namespace failgate {

struct Head {
  std::string ref;
  CommitId revision;
  TimePoint at;  ///< when it was processed
};

/// Thread-safe.
class HeadStore {
 public:
  explicit HeadStore(Database& database, const Clock& clock = SystemClock());
  [[nodiscard]] std::optional<CommitId> Get(const SourceName& source, const std::string& ref) const;
  void Set(const SourceName& source, const std::string& ref, const CommitId& revision);
  [[nodiscard]] std::vector<Head> All(const SourceName& source) const;
  void Delete(const SourceName& source, const std::string& ref);
  /// Has any head of this source ever been processed? False: the next one is its first head.
  [[nodiscard]] bool KnowsSource(const SourceName& source) const;

 private:
  Database& database_;
  const Clock& clock_;
};

}  // namespace failgate
