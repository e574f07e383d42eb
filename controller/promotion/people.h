// people_signers of main: whose keys sign what people ask for and approve. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "controller/base/ids.h"
#include "controller/base/result.h"
#include "controller/git/allowed_signers.h"

namespace failgate {

inline constexpr const char* kPeopleFile = "people_signers";
/// Of the signatures of commits on main, and of approval files.
inline constexpr const char* kRequestNamespace = "git";
inline constexpr const char* kApprovalNamespace = "failgate-approval";

/// One version of the file. Other than allowed_signers it proves people's wishes only, never a
/// fact.
struct People {
  ObjectId blob;           ///< empty: there is no such file
  AllowedSigners signers;  ///< nobody while there are problems
  Problems problems;
};

/// Beyond git's own rules each line names a person by one e-mail address, without patterns, and a
/// key belongs to one person.
[[nodiscard]] People ReadPeople(std::string_view text, const ObjectId& blob);

}  // namespace failgate
