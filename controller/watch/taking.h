// Taking one file of a watch, and telling how far it is.
#pragma once

#include <stop_token>
#include <string>

#include "controller/base/guarded.h"
#include "controller/base/result.h"
#include "controller/watch/object_source.h"
#include "controller/watch/watched_bytes.h"
#include "controller/watch/watched_folder.h"

namespace failgate {

/// ObjectSource::Take; `status` shows the file meanwhile, and a long one is told of in the log.
[[nodiscard]] Result<WatchedBytes::Taken> TakeAndTell(ObjectSource& source,
                                                      Guarded<WatchStatus>& status,
                                                      const std::string& path,
                                                      const ObjectStatus& expected,
                                                      const std::stop_token& stop);

}  // namespace failgate
