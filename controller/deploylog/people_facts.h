// What the log says of people's access: `token-changed`, about people.json.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/ids.h"
#include "controller/deploylog/audit_report.h"
#include "controller/deploylog/deploy_log.h"
#include "controller/deploylog/fact.h"
#include "controller/deploylog/people_state.h"
#include "controller/git/allowed_signers.h"
#include "controller/store/token_store.h"

namespace failgate {

/// A token was created or revoked by `change.by`. Told once; not told of one that nobody could use
/// any more.
[[nodiscard]] FactDraft TokenChangedDraft(const TokenChange& change);
/// The log names a token that the database does not have: it opens nothing any more.
[[nodiscard]] FactDraft TokenLostDraft(const std::string& id, TimePoint at);
/// The database has a token that the log does not name: it counts, as after a backup came back.
[[nodiscard]] FactDraft TokenRestoredDraft(const TokenRecord& token, TimePoint at);
/// Other lines of people_signers count, as `commit` of main has them in the blob `file` (empty:
/// there is no such file). Not written when they are the same.
[[nodiscard]] FactDraft KeysChangedDraft(std::set<std::string> keys,
                                         const ObjectId& file,
                                         const CommitId& commit,
                                         TimePoint at);

/// Each line as the log names it: "SHA256:… alice@example.com namespaces=git".
[[nodiscard]] std::set<std::string> KeyLines(const AllowedSigners& signers);

/// What the fact must have made of people.json; `text` is what it did.
[[nodiscard]] std::vector<AuditFinding> CheckState(const PeopleState& before,
                                                   std::string_view text,
                                                   const WrittenFact& written);
/// The same, without the comparison. `findings` gets what makes the fact itself impossible.
[[nodiscard]] PeopleState ExpectedPeople(const PeopleState& before,
                                         const WrittenFact& written,
                                         std::vector<AuditFinding>& findings);

}  // namespace failgate
