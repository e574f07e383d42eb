// What the paths of the operations repository mean, and which ones look like slips of the pen.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/ids.h"

namespace failgate {

enum class OperationsPathKind {
  kEnvironment,  ///< environments/E/environment.yaml
  kProject,      ///< environments/E/P.yaml
  kDesired,      ///< desired/E/P.yaml
  kPeople,       ///< people_signers
  kNotRead,      ///< of the contract, but not read by this version
  kMisplaced,    ///< looks like a file of ours and is none; `text` says what to do
  kOther,        ///< nobody's business
};

struct OperationsPath {
  OperationsPathKind kind = OperationsPathKind::kOther;
  EnvironmentName environment;
  ProjectName project;
  std::string text;  ///< of kNotRead and kMisplaced
};

[[nodiscard]] OperationsPath ClassifyPath(const std::string& path);

}  // namespace failgate
