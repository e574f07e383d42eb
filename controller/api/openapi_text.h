// openapi.json, embedded by CMake.
#pragma once

#include <string>

namespace failgate {

[[nodiscard]] std::string OpenapiText();

}  // namespace failgate
