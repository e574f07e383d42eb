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
  kApproval,     ///< approvals/E/RELEASE/EMAIL.yaml
  kSignature,    ///< the .sig of one
  kMisplaced,    ///< looks like a file of ours and is none; `text` says what to do
  kOther,        ///< nobody's business
};

struct OperationsPath {
  OperationsPathKind kind = OperationsPathKind::kOther;
  EnvironmentName environment;
  ProjectName project;
  ReleaseName release = {};  ///< of kApproval and kSignature
  std::string email = {};    ///< of kApproval and kSignature
  std::string text;          ///< of kMisplaced
};

[[nodiscard]] OperationsPath ClassifyPath(const std::string& path);

}  // namespace failgate
