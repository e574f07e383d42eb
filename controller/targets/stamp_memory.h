// Files whose stamps differ from the manifest's but whose bytes were read and found right: they are
// not read again at each pass. In memory only; the manifest is never rewritten for it.
#pragma once

#include <map>
#include <string>

#include "controller/base/guarded.h"
#include "controller/targets/folder_listing.h"

namespace failgate {

/// Thread-safe.
class StampMemory {
 public:
  [[nodiscard]] bool Knows(const std::string& folder,
                           const std::string& path,
                           const FileStamp& stamp) const {
    auto folders = folders_.Lock();
    const auto files = (*folders).find(folder);
    if (files == (*folders).end()) return false;
    const auto file = files->second.find(path);
    return file != files->second.end() && file->second == stamp;
  }
  void Remember(const std::string& folder, const std::string& path, const FileStamp& stamp) {
    (*folders_.Lock())[folder][path] = stamp;
  }
  void Forget(const std::string& folder) { folders_.Lock()->erase(folder); }

 private:
  Guarded<std::map<std::string, std::map<std::string, FileStamp>>> folders_;
};

}  // namespace failgate
