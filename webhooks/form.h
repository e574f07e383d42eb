// The form encoding some forges wrap their JSON in (application/x-www-form-urlencoded).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace failgate {

/// The decoded value of a form that consists of exactly one field `name`. nullopt for any other
/// field, a second one, or a broken percent escape. The value may be any bytes: whoever reads it
/// checks UTF-8.
[[nodiscard]] std::optional<std::string> ReadOnlyField(std::string_view form,
                                                       std::string_view name);

}  // namespace failgate
