// Taking one file of a watch, and telling how far it is.
#pragma once

#include <stop_token>
#include <string>

#include "controller/base/guarded.h"
#include "controller/base/result.h"
#include "controller/watch/watched_bytes.h"
#include "controller/watch/watched_folder.h"

namespace failgate {

/// WatchedBytes::Take; `status` shows the file meanwhile, and a long one is told of in the log.
[[nodiscard]] Result<WatchedBytes::Taken> TakeAndTell(WatchedBytes& data,
                                                      Guarded<WatchStatus>& status,
                                                      int folder,
                                                      const std::string& path,
                                                      const std::stop_token& stop);

}  // namespace failgate
