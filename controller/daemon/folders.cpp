#include "controller/daemon/folders.h"

#include <sys/stat.h>

#include <cerrno>

#include "controller/base/durable_file.h"
#include "controller/base/error.h"

namespace failgate {
namespace {

void Make(const std::filesystem::path& folder, mode_t mode) {
  CreateFolders(folder, mode);
  if (::chmod(folder.c_str(), mode) != 0) {
    throw ErrnoError("changing the mode of", folder.string(), errno);
  }
}

}  // namespace

void MakeFolders(const Folders& folders) {
  Make(folders.data, 0711);
  Make(folders.workspaces(), 0711);
  for (const auto& folder : {folders.deliveries(),
                             folders.mirrors(),
                             folders.artifacts(),
                             folders.watched_data(),
                             folders.data_objects(),
                             folders.logs(),
                             folders.git_home()}) {
    Make(folder, 0700);
  }
}

}  // namespace failgate
