#include "controller/store/role.h"

#include <array>

#include "controller/store/words.h"

namespace failgate {

std::string_view Word(Role role) {
  switch (role) {
    case Role::kViewer:
      return "viewer";
    case Role::kDeveloper:
      return "developer";
    case Role::kApprover:
      return "approver";
    case Role::kOperator:
      return "operator";
  }
  return "";
}

std::optional<Role> ParseRole(std::string_view word) {
  constexpr std::array kAll = {Role::kViewer, Role::kDeveloper, Role::kApprover, Role::kOperator};
  return FindWord<Role>(kAll, word);
}

}  // namespace failgate
