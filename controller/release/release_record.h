// The record of a release: immutable, one canonical JSON text, known by its SHA-256 (product.md §1,
// §5).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "controller/artifacts/artifact_record.h"
#include "controller/base/clock.h"
#include "controller/base/ids.h"
#include "controller/base/result.h"
#include "policies/facts.h"

namespace failgate {

struct ReleaseRecord {
  ReleaseName name;  ///< "churn-42" = project and number
  long long number = 0;
  ProjectName project;
  SourceName source;
  std::string source_url;  ///< without credentials
  CommitId revision;
  std::string ref;      ///< "refs/heads/main"
  std::string data;     ///< data version, "data/train.csv@sha256:9b1d…"; empty = no data
  TimePoint created{};  ///< whole seconds
  RunId run;
  std::string trigger;                    ///< "code" | "data" | "schedule" | "manual"
  std::string training;                   ///< "full" | "degraded"
  std::string delivery;                   ///< id of the delivery; empty when there was none
  std::vector<ArtifactRecord> artifacts;  ///< names unique; written sorted by name
  Evidence evidence;
  std::vector<Person> authors;  ///< of the commits since `previous`
  ReleaseName previous;         ///< empty for the first
  /// Watches whose versions `data` names: nobody is known to have written these. Sorted.
  std::vector<std::string> watched = {};
  bool operator==(const ReleaseRecord&) const = default;
};

inline constexpr std::size_t kMaxReleaseRecordBytes = std::size_t{8} << 20U;

/// Canonical: sorted keys, two blanks, one line feed at the end; equal records give equal bytes.
/// Throws Error(kNeedsChange) for a record that ParseReleaseRecord would refuse (credentials in the
/// URL included).
[[nodiscard]] std::string ReleaseRecordToJson(const ReleaseRecord& record);

/// Strict: the bytes must be exactly what ReleaseRecordToJson writes for the result. Refusals:
/// invalid_release_record (with what is wrong).
[[nodiscard]] Result<ReleaseRecord> ParseReleaseRecord(std::string_view json);

/// "sha256:" + hex of ReleaseRecordToJson: what approvals, facts and decisions name.
[[nodiscard]] std::string ReleaseRecordDigest(const ReleaseRecord& record);

/// Equal revision, data and artifact bytes (name, kind, sha256), and metrics compared with the same
/// champion, if with any: then no new release is made.
[[nodiscard]] bool SameRelease(const ReleaseRecord& a, const ReleaseRecord& b);

}  // namespace failgate
