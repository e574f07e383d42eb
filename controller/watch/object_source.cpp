#include "controller/watch/object_source.h"

#include "controller/watch/bucket_source.h"
#include "controller/watch/folder_source.h"

namespace failgate {

std::unique_ptr<ObjectSource> MakeObjectSource(const WatchSettings& settings,
                                               WatchedBytes& data,
                                               const EnvironmentLookup& environment,
                                               FolderNotices& notices) {
  if (settings.bucket) {
    // Requests are signed by the machine's time, whatever clock the watch goes by.
    return std::make_unique<BucketSource>(
        settings,
        data,
        S3Client(*settings.bucket, environment, SystemClock(), [&notices](Milliseconds time) {
          notices.Rest(time);
        }));
  }
  return std::make_unique<FolderSource>(settings.path, data, notices);
}

}  // namespace failgate
