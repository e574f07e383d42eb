// Two rewrites of JSON text for a parser that gives up on things a whole answer should not hang on.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace failgate {

/// The text with every \uD800–\uDFFF escape that has no partner written \u001A (SUBSTITUTE): a
/// control character, so a ref that holds one is refused and a name is shown escaped. nullopt when
/// there is none.
[[nodiscard]] std::optional<std::string> ReplaceLoneSurrogates(std::string_view json);

/// The text, same length, with every grammatical JSON number outside strings written as 0 and
/// blanks. What then parses was JSON with a number that no machine type holds.
[[nodiscard]] std::string BlankNumbers(std::string_view json);

}  // namespace failgate
