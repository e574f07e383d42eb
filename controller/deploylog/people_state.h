// people.json of the deploy log: whose tokens and keys count.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/clock.h"
#include "controller/base/result.h"

namespace failgate {

/// A token that counts: neither revoked nor expired. Never the token itself, nor its digest.
struct ToldToken {
  std::string person;    ///< "Alice Martin <alice@example.com>"
  std::string role;      ///< "approver"
  std::string projects;  ///< "churn,pricing", or "all"
  std::optional<TimePoint> expires;
  bool operator==(const ToldToken&) const = default;
};

/// As the facts `token-changed` made it.
struct PeopleState {
  long sequence = 0;                        ///< of the last fact about it; 0: there is none
  std::map<std::string, ToldToken> tokens;  ///< by id, as `failgate token list` names them
  /// Changes of tokens told last, at most kTokenChangesRemembered: after a kill between push and
  /// database nobody tells one twice.
  std::vector<std::string> told;
  /// The lines of people_signers that count; see KeyLines.
  std::set<std::string> keys;

  /// Keeps the newest.
  void RememberTold(std::string change);
  /// Forgets those that are over at `now`.
  void DropExpired(TimePoint now);
};
inline constexpr std::size_t kTokenChangesRemembered = 64;
inline constexpr const char* kPeoplePath = "people.json";

[[nodiscard]] std::string WriteJson(const PeopleState& state);
[[nodiscard]] Result<PeopleState> ReadPeopleState(std::string_view json);

}  // namespace failgate
