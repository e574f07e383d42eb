// Which names of a watched folder are data, and which are markers that speak for data. Pure.
#pragma once

#include <string>

#include "controller/config/server_file.h"

namespace failgate {

/// Hidden files and folders are neither data nor, but for their own name, looked at.
[[nodiscard]] bool IsHiddenName(const std::string& name);
/// Whether the file is data of the watch: a pattern matches, and it is no marker.
[[nodiscard]] bool IsWatchedName(const WatchSettings& settings, const std::string& path);

/// Of a watch with markers: what says that the file is whole.
[[nodiscard]] std::string MarkerOf(const WatchSettings& settings, const std::string& path);

enum class MarkerKind {
  kNone,
  kOfFile,    ///< `path` without the marker's end is the file it speaks for
  kOfFolder,  ///< it speaks for all files beside it
};
[[nodiscard]] MarkerKind MarkerKindOf(const WatchSettings& settings, const std::string& path);

}  // namespace failgate
