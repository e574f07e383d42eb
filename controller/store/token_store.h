// People's API tokens; only their SHA-256 is stored.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/clock.h"
#include "controller/base/ids.h"
#include "controller/base/secret.h"
#include "controller/store/database.h"
#include "controller/store/role.h"

namespace failgate {

/// Who shows a valid token.
struct TokenIdentity {
  std::string id;
  Person person;
  Role role = Role::kViewer;
  std::vector<std::string> projects;  ///< empty = all
  /// True when the token is for this project.
  [[nodiscard]] bool Covers(const ProjectName& project) const;
};

struct TokenRecord {
  TokenIdentity identity;
  TimePoint created;
  std::optional<TimePoint> expires;
  std::optional<TimePoint> revoked;
};

/// What the deploy log is to be told of a token, once.
struct TokenChange {
  std::string id;  ///< of the change; later ones are greater
  TokenRecord token;
  bool revoked = false;  ///< else created
  std::string by;        ///< the user of the host who did it; may be empty
  TimePoint at;
};

/// Thread-safe; tokens made or revoked by another process count at once.
class TokenStore {
 public:
  explicit TokenStore(Database& database, const Clock& clock = SystemClock());

  struct Created {
    std::string id;
    Secret token;  ///< "fg_" + 43 base64url characters; cannot be asked for again
  };
  /// `by`: the user of the host who makes it, for the log; may be empty.
  Created Create(const Person& person,
                 Role role,
                 const std::vector<std::string>& projects,
                 std::optional<TimePoint> expires,
                 const std::string& by = {});
  /// nullopt for unknown, expired and revoked tokens and for texts that are no token.
  [[nodiscard]] std::optional<TokenIdentity> Authenticate(std::string_view token,
                                                          TimePoint now) const;
  /// Newest first, revoked and expired ones too.
  [[nodiscard]] std::vector<TokenRecord> List() const;
  /// False for an unknown id; revoking twice keeps the first time.
  bool Revoke(const std::string& id, const std::string& by = {});

  /// Changes the log was not told of, oldest first, at most `limit`: each is owed in the
  /// transaction that makes it.
  [[nodiscard]] std::vector<TokenChange> OwedChanges(std::size_t limit) const;
  void MarkTold(const std::string& change);

 private:
  Database& database_;
  const Clock& clock_;
};

}  // namespace failgate
