// The tree of `main` of the operations repository -> what people want. Pure; one broken file stops
// only what it concerns.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "controller/base/ids.h"
#include "controller/base/result.h"
#include "controller/promotion/approval_file.h"
#include "controller/promotion/desired_file.h"
#include "controller/promotion/people.h"
#include "controller/promotion/project_deployment.h"
#include "policies/decision_json.h"
#include "policies/ladder.h"
#include "policies/policy.h"

namespace failgate {

/// A file of the tree: path from the root, blob id, bytes.
using OperationsFile = PolicyFile;
using EnvironmentProject = std::pair<EnvironmentName, ProjectName>;

struct Environment {
  EnvironmentName name;
  PolicyFile file;
  /// after, last_step and the gates every project must pass; lets nothing pass while there are
  /// problems.
  Policy floor;
  Problems problems;
};

struct OperationsView {
  std::map<EnvironmentName, Environment> environments;
  std::map<EnvironmentProject, ProjectDeployment> deployments;
  std::map<EnvironmentProject, Desired> desired;
  /// A fault in it stops nothing but people's signatures: none counts then.
  People people;
  std::map<std::string, ApprovalFile> approvals;  ///< by path
  Ladder ladder;
  /// Every problem of every file, sorted by place.
  Problems problems;
};

/// Other files are ignored, unless they look like a misspelt file of ours. `before`: what was read
/// of an earlier tree; files that IsKnown says of are taken from it.
[[nodiscard]] OperationsView ReadOperations(const std::vector<OperationsFile>& files,
                                            const OperationsView* before = nullptr);

/// Whether `before` holds the parsed file of this path and blob, faultless: then its text may be
/// left empty.
[[nodiscard]] bool IsKnown(const OperationsView& before, const OperationsFile& file);

/// What stops automation of this pair: problems of its environment, its file and its desired file;
/// also "is not deployed there" when there is no file. Empty = go on.
[[nodiscard]] Problems ProblemsOf(const OperationsView& view, const EnvironmentProject& pair);

/// The floor and the project's own gates merged; lets nothing pass while one of them has problems.
/// The project must have a file there.
[[nodiscard]] Policy PolicyFor(const OperationsView& view, const EnvironmentProject& pair);

/// Whether the reader needs the bytes of this path; others may be given with empty text.
[[nodiscard]] bool IsOperationsPath(const std::string& path);

}  // namespace failgate
