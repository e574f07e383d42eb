// Who acts in the demo.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "controller/base/ids.h"
#include "controller/base/secret.h"

namespace failgate {

struct DemoPerson {
  std::string handle;  ///< at the prompt, and "people/HANDLE.token"
  Person person;
  std::string role;  ///< of the token; empty = only pushes, has none
};

/// Handles are unique.
[[nodiscard]] const std::vector<DemoPerson>& DemoPeople();
/// A handle nobody has is a failed Check.
[[nodiscard]] const DemoPerson& DemoPersonOf(const std::string& handle);

}  // namespace failgate
