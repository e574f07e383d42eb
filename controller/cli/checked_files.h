// Which of failgate's files a path is, and what is wrong with it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "controller/base/result.h"

namespace failgate {

struct CheckedFile {
  std::string path;  ///< as the user wrote it, or below that
  std::string what;  ///< "pipeline of churn", "server file", "operations repository"
  Problems problems;
};

/// A file is known by its place (environments/, desired/), its name (allowed_signers) or its keys.
/// A folder is an operations repository when it has environments/ or desired/; further, every YAML
/// file of ours directly in it, and server/failgate.yaml. Nothing of ours at all is a problem.
/// Never throws for what is in the files.
[[nodiscard]] std::vector<CheckedFile> CheckPath(const std::filesystem::path& path);

}  // namespace failgate
