// How long versions of watched data are kept.
#pragma once

#include <string>

#include "controller/base/clock.h"
#include "controller/store/watch_store.h"
#include "controller/watch/watched_bytes.h"

namespace failgate {

/// Versions of a watch that runs may still ask for: the newest, and all of a time in which a step
/// may still run.
inline constexpr long long kKeptVersions = 50;
inline constexpr std::chrono::days kKeptFor{7};

/// Forgets all others, and the bytes that no version has any more.
void ForgetOldVersions(const std::string& watch,
                       WatchStore& store,
                       WatchedBytes& data,
                       TimePoint now);

/// Once, before anything is taken: removes bytes that no version has (a kill between bytes and
/// row).
void ForgetUnusedBytes(const WatchStore& store, WatchedBytes& data);

}  // namespace failgate
