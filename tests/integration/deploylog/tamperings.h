// Every way of changing the log's past that we know of. Who holds no key, or a foreign one, is
// found by signatures; who holds the controller's own key, as a careless administrator does
// (…Signed), by what facts, files and decisions say of each other.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "controller/deploylog/audit.h"
#include "tests/integration/deploylog/forged_log.h"

namespace failgate {

/// What a forger works with, and what an auditor knows.
struct Scene {
  ForgedLog& log;
  const SigningKey& controller;
  const SigningKey& foreign;
  const SigningKey& person;
  AuditScope scope;
};

struct Tampering {
  std::string name;
  AuditKind kind = AuditKind::kRewritten;
  /// Answers the place of the commit that must be named.
  std::size_t (*apply)(Scene&) = nullptr;
};
void PrintTo(const Tampering& tampering, std::ostream* out);

[[nodiscard]] std::vector<Tampering> AllTamperings();

/// Of a running release, and of a gate's verdict; both signed by the controller's key.
std::size_t EditedRunningSigned(Scene& scene);
std::size_t EditedGateLineSigned(Scene& scene);
/// A deployment that tells of a restart there never was; signed by the controller's key.
std::size_t ForgedRecoveredSigned(Scene& scene);

/// Exactly this key is allowed.
[[nodiscard]] AllowedSigners OnlyAllowed(const SigningKey& key);

}  // namespace failgate
