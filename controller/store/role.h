// What a token's owner may do.
#pragma once

#include <optional>
#include <string_view>

namespace failgate {

/// Each role includes the ones before it.
enum class Role { kViewer, kDeveloper, kApprover, kOperator };
/// "viewer", "developer", "approver", "operator".
[[nodiscard]] std::string_view Word(Role role);
[[nodiscard]] std::optional<Role> ParseRole(std::string_view word);
[[nodiscard]] constexpr bool Includes(Role held, Role needed) {
  return held >= needed;
}

}  // namespace failgate
