// One look at one container image: its tags and what they are now, asked of the configured
// registry.
#pragma once

#include <map>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "controller/base/clock.h"
#include "controller/config/server_file.h"
#include "controller/store/image_store.h"
#include "controller/sync/taken_deliveries.h"

namespace failgate {

/// What a look came to.
struct ImagePass {
  ImageDigests seen;              ///< tags that were asked for and are there
  std::set<std::string> changed;  ///< of them: new, or another digest than before
  std::size_t known = 0;          ///< tags of the image that are stored now
};

/// Thread-safe for different sources; one source is worked on by one worker at a time.
class ImageSync {
 public:
  struct Options {
    std::size_t max_tags = 1000;  ///< that match the patterns of one source
    Milliseconds budget{120'000};
  };
  /// The store must outlive it.
  ImageSync(std::vector<ImageSourceSettings> sources,
            ImageStore& store,
            EnvironmentLookup environment,
            const Clock& clock,
            Options options);
  ImageSync(std::vector<ImageSourceSettings> sources,
            ImageStore& store,
            EnvironmentLookup environment,
            const Clock& clock);

  [[nodiscard]] const std::vector<ImageSourceSettings>& sources() const { return sources_; }
  [[nodiscard]] const ImageSourceSettings* Find(const SourceName& source) const;
  /// Asks for `tags`, those that the source's patterns leave out aside; an empty set asks for all
  /// that match. Throws Error when the registry cannot be asked; what was stored stays.
  [[nodiscard]] ImagePass Look(const ImageSourceSettings& source,
                               const std::set<std::string>& tags,
                               const std::stop_token& stop);

 private:
  std::vector<ImageSourceSettings> sources_;
  ImageStore& store_;
  EnvironmentLookup environment_;
  const Clock& clock_;
  Options options_;
};

/// Whether one of the source's patterns matches.
[[nodiscard]] bool CountsAsTag(const ImageSourceSettings& source, const std::string& tag);

/// The tags that deliveries name; empty when one of them, or none, names none: all are meant.
[[nodiscard]] std::set<std::string> TagsAskedBy(const std::vector<Event>& events);

/// What each delivery came to: its tags with their digests, or why there are none.
[[nodiscard]] std::vector<DeliveryResult> AnswerImageDeliveries(
    const ImageSourceSettings& source,
    const std::vector<TakenDelivery>& deliveries,
    const ImagePass& pass);

}  // namespace failgate
