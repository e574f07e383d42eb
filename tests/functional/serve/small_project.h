// A project whose pipeline is three shell lines, and a ladder for it: tests need no tool chain.
#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace failgate {

using Files = std::map<std::string, std::string>;

/// What a push of the small project proves.
struct SmallProject {
  std::string name;
  std::string text = "first";  ///< whatever makes one revision differ from another
  int failing_tests = 0;       ///< of two unit tests
  int covered_lines = 9;       ///< of ten
};
/// Its files: a unit step (JUnit, LCOV), a functional step, and a folder artifact "app" that holds
/// `payload` (a function of the revision) and `sum`, its SHA-256.
[[nodiscard]] Files FilesOf(const SmallProject& project);

/// dev > recette > prod: dev asks unit tests, recette unit and functional ones and 80 % coverage;
/// both take in by themselves. Prod waits for a person and for two approvals of alice, bob, carol.
[[nodiscard]] Files LadderFiles();
/// environments/ENVIRONMENT/PROJECT.yaml: the artifact at LIVE/ENVIRONMENT/PROJECT, drift every
/// second.
[[nodiscard]] std::string DeploymentFile(const std::filesystem::path& live,
                                         const std::string& environment,
                                         const std::string& project);

}  // namespace failgate
