// Requirement files of pip, as far as they name distributions.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace failgate {

struct Requirements {
  std::set<std::string> distributions;  ///< normalised; versions, extras and markers are left out
  struct Problem {
    std::string where;  ///< "requirements/api.txt:3"
    std::string what;
  };
  std::vector<Problem> problems;
};

/// Reads `file` and what it includes (-r, at most 20 files). `read` gives a file's text, nullopt
/// when it cannot be read. Constraints (-c) offer nothing. A line that names no distribution (a
/// bare path or address) is a problem: write NAME @ ADDRESS.
[[nodiscard]] Requirements ReadRequirements(
    const std::string& file,
    const std::function<std::optional<std::string>(const std::string&)>& read);

/// Whether one of the distributions provides the import "a.b.c": by `names` (import →
/// distribution), by well-known names (yaml is PyYAML), or by its own name (also "a-b").
[[nodiscard]] bool Provides(const std::set<std::string>& distributions,
                            const std::map<std::string, std::string>& names,
                            const std::string& import);

}  // namespace failgate
