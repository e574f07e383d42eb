#include "controller/git/tree_mode.h"

namespace failgate {

std::string_view TreeModeOf(TreeEntryKind kind) {
  switch (kind) {
    case TreeEntryKind::kFile:
      return "100644";
    case TreeEntryKind::kExecutable:
      return "100755";
    case TreeEntryKind::kSymlink:
      return "120000";
    case TreeEntryKind::kSubmodule:
      return "160000";
    case TreeEntryKind::kFolder:
      return "040000";
  }
  return "";
}

}  // namespace failgate
