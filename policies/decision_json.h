// A decision with all its inputs, as it lies in the log: written once, named by its sha256,
// recomputed by auditors.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/ids.h"
#include "controller/base/result.h"
#include "policies/decision.h"
#include "policies/facts.h"
#include "policies/policy.h"

namespace failgate {

/// A policy file as it was on `main`.
struct PolicyFile {
  std::string path;
  ObjectId blob;
  std::string text;
  bool operator==(const PolicyFile&) const = default;
};

struct DecisionRecord {
  ProjectName project;
  EnvironmentName environment;
  ReleaseName release;
  std::string record;  ///< "sha256:…" of the release record
  TimePoint time{};
  std::vector<PolicyFile> policy;  ///< environment.yaml, then the project's file if there is one
  Facts facts;
  Decision decision;
  bool operator==(const DecisionRecord&) const = default;
};

/// Canonical bytes (see FactsToJson), format version 1.
[[nodiscard]] std::string DecisionRecordToJson(const DecisionRecord& record);
/// Strict; refused with code "invalid_decision". Bytes that are not canonical are refused too.
[[nodiscard]] Result<DecisionRecord> DecisionRecordFromJson(std::string_view text);
/// "sha256:" + hex of the bytes.
[[nodiscard]] std::string DecisionName(std::string_view bytes);
/// "sha256:1c9e…" -> "decisions/1c/9e/REST.json"; nullopt for anything else.
[[nodiscard]] std::optional<std::string> DecisionPath(std::string_view name);

/// Merged policy out of the recorded texts.
[[nodiscard]] Parsed<Policy> PolicyOf(const std::vector<PolicyFile>& files,
                                      const EnvironmentName& environment,
                                      const ProjectName& project);
/// Checks that the record agrees with itself (blob ids, facts, time), reads the texts again and
/// evaluates. Codes: "blob_mismatch", "inconsistent", "invalid_policy".
[[nodiscard]] Result<Decision> Recompute(const DecisionRecord& record);
/// nullopt when the recomputed decision is the recorded one; else why not (code "decision_differs"
/// or those of Recompute).
[[nodiscard]] std::optional<Refusal> VerifyDecision(const DecisionRecord& record);

}  // namespace failgate
