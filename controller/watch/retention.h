// How long versions of watched data are kept.
#pragma once

#include <string>

#include "controller/store/watch_store.h"
#include "controller/watch/watched_bytes.h"

namespace failgate {

/// The newest versions of a watch that runs may still ask for.
inline constexpr long long kKeptVersions = 50;

/// Forgets older ones, and the bytes that no version has any more.
void ForgetOldVersions(const std::string& watch, WatchStore& store, WatchedBytes& data);

/// Once, before anything is taken: removes bytes that no version has (a kill between bytes and
/// row).
void ForgetUnusedBytes(const WatchStore& store, WatchedBytes& data);

}  // namespace failgate
