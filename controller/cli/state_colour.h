// Which words of answers are good news.
#pragma once

#include <string>

#include "controller/cli/terminal.h"

namespace failgate {

/// Of a state, verdict, health or drift word; plain for words that are neither good nor bad.
[[nodiscard]] Colour ColourOf(const std::string& word);

}  // namespace failgate
