// Where a YAML node ends in its text: yaml-cpp tells only where it begins.
#pragma once

#include <cstddef>
#include <string_view>

#include "controller/base/yaml_document.h"

namespace failgate {

/// Byte offset behind the last byte of a scalar that begins at node.begin_offset, quotes included.
/// A block scalar ends behind the line break of its last line that is not blank.
[[nodiscard]] std::size_t ScalarEnd(std::string_view text, const YamlNode& node);
/// Byte offset behind the bracket that closes a flow collection whose last child ends at `from`.
[[nodiscard]] std::size_t FlowEnd(std::string_view text, std::size_t from, char bracket);
/// Byte offset behind the ':' after a key that ends at `from`; `from` when there is none.
[[nodiscard]] std::size_t AfterColon(std::string_view text, std::size_t from);

}  // namespace failgate
