// What a source imports and whether its requirement files offer it: plain data for decisions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace failgate {

/// One import that does not resolve, or one file that cannot be judged.
struct RequirementFinding {
  std::string path;
  long long line = 0;   ///< from 1; 0 = the whole file
  std::string import;   ///< as written, "a.b"; empty for a file
  std::string problem;  ///< one line
  bool operator==(const RequirementFinding&) const = default;
};

struct RequirementsFact {
  bool known = false;                             ///< false: the mirror lacks the revision
  long long files = 0;                            ///< Python files that a set covers
  long long imports = 0;                          ///< of distributions, in them
  long long problems = 0;                         ///< also those that are not listed
  std::vector<RequirementFinding> findings = {};  ///< the first by path and line
  long long uncovered = 0;                        ///< Python files that no set covers
  std::string uncovered_example = {};      ///< the first of them by name; empty = there is none
  std::vector<std::string> dev_only = {};  ///< distributions of `dev` and of no set, sorted
  bool operator==(const RequirementsFact&) const = default;
};

/// "Scikit_Learn" → "scikit-learn" (PEP 503).
[[nodiscard]] std::string NormalisedDistribution(std::string_view name);

/// No more are listed.
inline constexpr std::size_t kMaxRequirementFindings = 20;

}  // namespace failgate
