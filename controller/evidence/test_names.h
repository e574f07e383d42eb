// What the names of test cases say.
#pragma once

#include <string_view>

namespace failgate {

/// given_…_when_…_then_…, with something in each place; as words of any case parted by '_', '-' or
/// blanks, or as camel case. A leading "test" is left out.
[[nodiscard]] bool IsGivenWhenThen(std::string_view name);

/// The words "real call" or "real calls" are part of it: test_real_call_to_the_bank.
[[nodiscard]] bool SaysRealCall(std::string_view name);

}  // namespace failgate
