// What one pass of promotion looks at: both branches at one moment, and the server file's bounds.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "controller/base/clock.h"
#include "controller/deploylog/log_tree.h"
#include "controller/promotion/authors.h"
#include "controller/promotion/operations_files.h"
#include "controller/promotion/source_requirements.h"
#include "controller/promotion/source_signers.h"
#include "controller/release/release_record.h"

namespace failgate {

class CheckDesk;
class ComparisonRuns;
class SonarDesk;

/// The bounds the server file sets and nothing in git can widen.
struct PromotionBounds {
  std::vector<std::string> targets;  ///< allowed kinds
  std::vector<std::filesystem::path> directory_roots;
  std::map<ProjectName, SourceName> sources;  ///< who may release what
  std::filesystem::path mirrors;              ///< MIRRORS/SOURCE.git, for authors
  /// False for a reader of a clone, who has no server file: nothing of the above is checked.
  bool known = true;
  /// For such a reader: a clone of the source he asks about; may be empty.
  std::filesystem::path source_clone = {};
  std::set<ProjectName> mlflow_projects = {};  ///< whose models the MLflow server may hear of

  /// Where commits of the source are looked up.
  [[nodiscard]] std::filesystem::path CommitsOf(const SourceName& source) const {
    return known ? mirrors / (source.text() + ".git") : source_clone;
  }
};

/// Plain reading; lives for one pass. Not thread-safe.
struct Situation {
  const Repository& operations;
  CommitId main;
  const OperationsView& view;
  const LogTree& log;
  const PromotionBounds& bounds;
  AuthorCache& authors;
  TimePoint now;
  SourceSigners* signers = nullptr;  ///< nullptr: nobody can tell who signed a source's commits
  /// Whose policy is in force: an earlier commit of main where owners sign policy. Empty: `main`'s.
  CommitId policy = {};
  CheckDesk* checks = nullptr;  ///< nullptr: nobody can tell what checks found, or run them
  SourceRequirements* requirements = nullptr;  ///< nullptr: nobody can tell what a source imports
  SonarDesk* sonar = nullptr;  ///< nullptr: no server is configured, or its bounds are not known
  ComparisonRuns* comparisons = nullptr;  ///< nullptr: nobody repeats runs

  /// Where files of policy are to be read, people_signers among them.
  [[nodiscard]] const CommitId& PolicyCommit() const { return policy.empty() ? main : policy; }
  /// The parsed record; throws Error when the log holds one that cannot be read.
  [[nodiscard]] std::optional<ReleaseRecord> Record(const ReleaseName& release) const;
  [[nodiscard]] const Environment& EnvironmentOf(const EnvironmentProject& pair) const;
  [[nodiscard]] const ProjectDeployment& DeploymentOf(const EnvironmentProject& pair) const;
  /// What the pair's gates demand: PolicyFor of the view.
  [[nodiscard]] Policy PolicyOf(const EnvironmentProject& pair) const;
  /// environment.yaml and the project's file, as a decision records them; empty when one is
  /// missing.
  [[nodiscard]] std::vector<PolicyFile> PolicyFilesOf(const EnvironmentProject& pair) const;
  /// nullptr when there is no desired file.
  [[nodiscard]] const Desired* DesiredOf(const EnvironmentProject& pair) const;
  /// Problems of the files and of the bounds; empty = automation may act for this pair.
  [[nodiscard]] Problems ProblemsFor(const EnvironmentProject& pair) const;
};

/// Reads what ReadOperations needs from a commit of main; what `before` knows is not read again.
/// `policy`: the commit whose environments are in force, where that is another one.
[[nodiscard]] OperationsView ReadOperationsAt(const Repository& repository,
                                              const CommitId& main,
                                              const OperationsView* before = nullptr,
                                              const CommitId& policy = {});
/// Lets nothing pass anywhere: no policy is in force, `why` says why.
void WithholdPolicy(OperationsView& view, const std::string& why);

/// What the server file does not allow: target kinds, paths outside of the roots, a project without
/// a source. (Two that claim one path are a fault of the files: ReadOperations tells it.)
[[nodiscard]] Problems BoundsProblems(const PromotionBounds& bounds,
                                      const ProjectDeployment& deployment);

/// Whether an exception of `bad` because of `because` covers `record` too.
[[nodiscard]] bool SharesIngredient(Because because,
                                    const ReleaseRecord& bad,
                                    const ReleaseRecord& record);

/// The release is excepted in this desired file, itself or by its ingredient; the text says why.
[[nodiscard]] std::optional<std::string> ExceptedBecause(const Situation& situation,
                                                         const EnvironmentProject& pair,
                                                         const ReleaseRecord& record);

}  // namespace failgate
