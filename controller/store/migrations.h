// The schema of the database, one step a version.
#pragma once

namespace failgate {

class Connection;

/// Brings the database to this program's version inside one transaction; user_version tells where
/// it stands. Throws Error(kNeedsChange) for a database made by a newer program.
void Migrate(Connection& connection);

/// The version this program writes.
[[nodiscard]] int SchemaVersion();

}  // namespace failgate
