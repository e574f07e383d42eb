// The books of an installation, read by stock git, over the API and from the disk: what must hold
// when all is quiet, whatever was killed before.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/functional/serve/installation.h"

namespace failgate {

/// One line each; empty = nothing is wrong.
using Faults = std::vector<std::string>;

struct LoggedFact {
  CommitId commit;
  std::map<std::string, std::string> trailers;  ///< of keys that repeat the first
  [[nodiscard]] std::string operator[](const std::string& key) const;
  /// "prod/shop", "shop", or "" for facts of the controller.
  [[nodiscard]] std::string About() const;
};

struct LoggedRelease {
  std::string name;
  long number = 0;
  std::string revision;
  std::string run;
};

/// What people know they did to one source.
struct PushedStream {
  std::string project;
  std::vector<CommitId> heads;        ///< each was the head of main once
  std::vector<std::string> accepted;  ///< ids of deliveries that were answered 202
};

/// What excuses what: only what cannot be promised any more.
struct Losses {
  /// The database went: runs in flight are polled anew, so that heads before the last may have
  /// neither a run nor a release.
  bool database = false;
  /// The whole data directory went: bytes of artifacts are gone, deliveries too.
  bool data_directory = false;
  /// The disk was full: a step that cannot write has failed.
  bool full_disk = false;
};

/// Oldest first.
[[nodiscard]] std::vector<LoggedFact> ReadLog(const Installation& world);
[[nodiscard]] std::vector<LoggedRelease> ReadReleases(const Installation& world,
                                                      const std::string& project);

/// `Sequence` is 1..n; no two facts are one and the same; what was deployed had been promoted; a
/// drift is told once until it is healed.
[[nodiscard]] Faults FaultsOfLog(const std::vector<LoggedFact>& log);
/// Only these may have failed: an environment whose files people change by hand.
[[nodiscard]] Faults FailuresBut(const std::vector<LoggedFact>& log, const std::string& tampered);
/// Numbers 1..n, one release a revision and a run; the last head has one; no head is released and
/// superseded.
[[nodiscard]] Faults FaultsOfReleases(const std::vector<LoggedFact>& log,
                                      const std::vector<LoggedRelease>& releases,
                                      const PushedStream& stream);
/// Every run ended, and ended in its fact.
[[nodiscard]] Faults FaultsOfRuns(const Installation& world,
                                  const std::vector<LoggedFact>& log,
                                  const std::vector<LoggedRelease>& releases,
                                  const PushedStream& stream,
                                  const Losses& losses);
/// Every delivery that was answered 202 is there once and has its outcome.
[[nodiscard]] Faults FaultsOfDeliveries(const Installation& world,
                                        const std::vector<PushedStream>& streams);
/// Every commit is part of the branches ("main", "deploy-log").
[[nodiscard]] Faults LostFrom(const Installation& world,
                              const std::vector<std::string>& branches,
                              const std::vector<CommitId>& commits);
/// No request was written to main twice.
[[nodiscard]] Faults FaultsOfMain(const Installation& world);
/// What the log says runs is what lies behind the link, byte for byte, and nothing half made lies
/// beside it.
[[nodiscard]] Faults FaultsOfFolders(const Installation& world, const std::string& project);
/// `audit verify` of a fresh clone.
[[nodiscard]] Faults FaultsOfAudit(const Installation& world);

}  // namespace failgate
