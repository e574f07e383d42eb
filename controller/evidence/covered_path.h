// Paths in coverage reports, as paths of the repository.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace failgate {

/// `path` without "." and ".." parts, relative to `workspace`; nullopt when it lies outside.
/// Absolute paths need a workspace (absolute, as the step saw it).
[[nodiscard]] std::optional<std::string> RepositoryPath(std::string_view path,
                                                        std::string_view workspace);

/// A path below the first of `sources` that puts it inside the repository (Cobertura). A relative
/// source that leaves it (gcovr writes "..") counts for nothing. nullopt = outside.
[[nodiscard]] std::optional<std::string> RepositoryPathBelow(
    const std::vector<std::string>& sources, std::string_view path, std::string_view workspace);

}  // namespace failgate
