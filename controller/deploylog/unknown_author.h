// Who made data that git does not know: nobody can tell.
#pragma once

namespace failgate {

/// The value of `Authored-by` in facts about runs that rest on watched data.
inline constexpr const char* kUnknownAuthor = "unknown";

}  // namespace failgate
