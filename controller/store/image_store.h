// Which digest each tag of a container image had when its registry was asked last.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "controller/base/clock.h"
#include "controller/base/ids.h"
#include "controller/store/database.h"

namespace failgate {

struct ImageTag {
  std::string tag;
  std::string digest;  ///< "sha256:…"
  TimePoint since;     ///< when this digest was seen first
};

/// Digests by tag.
using ImageDigests = std::map<std::string, std::string>;

/// Thread-safe; one worker a source writes.
class ImageStore {
 public:
  explicit ImageStore(Database& database, const Clock& clock = SystemClock());
  /// In the order of the tags.
  [[nodiscard]] std::vector<ImageTag> All(const SourceName& source) const;
  [[nodiscard]] ImageDigests Digests(const SourceName& source) const;
  /// Sets these and removes those; a digest that stays keeps its time.
  void Change(const SourceName& source,
              const ImageDigests& set,
              const std::vector<std::string>& removed);

 private:
  Database& database_;
  const Clock& clock_;
};

}  // namespace failgate
