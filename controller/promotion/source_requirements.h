// What the gate `requirements` judges, read from a source's mirror.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <tuple>

#include "controller/base/ids.h"
#include "policies/gates/requirements.h"

namespace failgate {

/// Reads the revision: at most 5,000 Python files of 2 MiB each, 64 MiB together; more is a problem
/// that is told. Not known when the mirror lacks the revision or cannot be read.
[[nodiscard]] RequirementsFact RequirementsAt(const std::filesystem::path& mirror,
                                              const CommitId& revision,
                                              const RequirementsGate& gate);

/// Answers of RequirementsAt, kept. Not thread-safe.
class SourceRequirements {
 public:
  [[nodiscard]] const RequirementsFact& At(const std::filesystem::path& mirror,
                                           const CommitId& revision,
                                           const RequirementsGate& gate);

 private:
  using Key = std::tuple<std::string, CommitId, std::string>;
  std::map<Key, RequirementsFact> known_;
  RequirementsFact not_known_;
};

}  // namespace failgate
