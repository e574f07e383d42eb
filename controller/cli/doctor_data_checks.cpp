// Folders that `.dvc` files of a source find their bytes in.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "controller/cli/doctor_checks.h"

namespace failgate {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kShard = 2;
/// A folder of something else may hold millions of names.
constexpr int kNamesLookedAt = 1000;

bool IsReadable(const fs::path& folder) {
  return access(folder.c_str(), R_OK | X_OK) == 0;
}

/// DVC 2 keeps its objects in folders of two hex digits right there.
bool HasFormerShard(const fs::path& folder) {
  std::error_code failed;
  int looked_at = 0;
  const fs::directory_iterator end;
  for (fs::directory_iterator entry(folder, failed);
       !failed && entry != end && looked_at < kNamesLookedAt;
       entry.increment(failed), ++looked_at) {
    const std::string name = entry->path().filename().string();
    if (name.size() == kShard && name.find_first_not_of("0123456789abcdef") == std::string::npos) {
      return true;
    }
  }
  return false;
}

DoctorCheck CheckDvcFolder(const SourceSettings& source, const fs::path& folder) {
  const std::string name = "source " + source.name.text() + " dvc";
  const fs::path objects = folder / "files" / "md5";
  std::error_code error;
  if (!fs::is_directory(folder, error)) {
    return {name,
            CheckState::kFail,
            fmt::format("{} is not there: no data of DVC can be brought", folder.string()),
            "mount it, or mend dvc: {remote: FOLDER} of the source in the server file"};
  }
  const bool current = fs::is_directory(objects, error);
  if (!IsReadable(folder) || (current && !IsReadable(objects))) {
    return {name,
            CheckState::kFail,
            fmt::format("{} may not be read by this user", (current ? objects : folder).string()),
            "let the server's user read it, and what `dvc push` will add"};
  }
  if (current || HasFormerShard(folder)) {
    return {name,
            CheckState::kOk,
            fmt::format("{}, as DVC {} lays it out", folder.string(), current ? "3" : "2"),
            ""};
  }
  return {name,
          CheckState::kWarn,
          fmt::format("{} holds no object of DVC", folder.string()),
          "name the folder of the remote itself (it has files/md5), or fill it with `dvc push`"};
}

}  // namespace

std::vector<DoctorCheck> CheckDvcFolders(const ServerFile& server) {
  std::vector<DoctorCheck> checks;
  for (const SourceSettings& source : server.sources) {
    if (source.dvc_remote) {
      checks.push_back(CheckDvcFolder(source, *source.dvc_remote));
    }
  }
  return checks;
}

}  // namespace failgate
