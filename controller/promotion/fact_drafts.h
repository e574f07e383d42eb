// Each fact of promotion as a draft for the log: its trailers, and what it changes in the states.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "controller/deploylog/deploy_log.h"
#include "controller/promotion/approvals_on_main.h"
#include "controller/promotion/candidates.h"
#include "controller/promotion/hold.h"
#include "controller/promotion/release_catalogue.h"
#include "controller/promotion/release_facts.h"
#include "controller/reconcile/order.h"
#include "controller/release/release_record.h"
#include "policies/decision_json.h"

namespace failgate {

/// A decision on its way into the log.
struct JudgedCandidate {
  Candidate candidate;
  DecisionRecord record;
  std::string bytes;   ///< canonical JSON
  std::string digest;  ///< "sha256:…" of the bytes
};
[[nodiscard]] JudgedCandidate MakeJudged(Candidate candidate, DecisionRecord record);

/// `decided`: written when the summary of verdicts differs from the last one written.
[[nodiscard]] FactDraft DecidedDraft(const JudgedCandidate& judged);
/// `promoted`: orders the release; the point of no return. Not written when something else was
/// ordered since `attempt` (the count the decision was made on).
[[nodiscard]] FactDraft PromotedDraft(const JudgedCandidate& judged, long attempt);

/// `released`: name and number are chosen inside the commit. `name` is set to the release that the
/// run gave, also when the log had it already (same run, or same revision, data and artifacts).
/// `catalogue` outlives the draft.
[[nodiscard]] FactDraft ReleasedDraft(ReleaseRecord record,
                                      const std::filesystem::path& mirror,
                                      ReleaseCatalogue& catalogue,
                                      const std::shared_ptr<ReleaseName>& name);

/// `superseded`: a head that was overtaken before its run began.
struct OvertakenRun {
  ProjectName project;
  SourceName source;
  std::string source_url;
  CommitId revision;
  RunId run;
  RunId by;
  TimePoint at;
  std::string data = {};                  ///< its data version
  std::vector<std::string> watched = {};  ///< watches whose data is part of it, sorted
  std::string reason = {};                ///< what became of its training; may be empty
};
[[nodiscard]] FactDraft SupersededDraft(const OvertakenRun& run);

/// `approved`, `rejected`: the person's former act on this release is replaced.
[[nodiscard]] FactDraft ApprovalDraft(const EnvironmentProject& pair,
                                      const StandingApproval& approval,
                                      const std::string& reason);
/// `approved`, `rejected`, `refused` or `withdrawn`: an approval file of main; once a version.
[[nodiscard]] FactDraft ApprovalFileDraft(const EnvironmentProject& pair,
                                          const ApprovalChange& change,
                                          TimePoint at);
/// `withdrawn`: not written when there is nothing to withdraw.
[[nodiscard]] FactDraft WithdrawnDraft(const EnvironmentProject& pair,
                                       const ReleaseName& release,
                                       const Person& person,
                                       const std::string& request,
                                       TimePoint at);
/// `refused`: a commit on main asked for what it may not ask for; written once a commit.
[[nodiscard]] FactDraft RefusedDraft(const EnvironmentProject& pair,
                                     const CandidateChoice::Refused& refused,
                                     TimePoint at);
/// `held`, or `resumed` when a hold ends by a person or by its time; once a wish.
[[nodiscard]] FactDraft HoldDraft(const EnvironmentProject& pair,
                                  const HoldChange& change,
                                  TimePoint at);
/// `removal-ordered`: a person wants what is there to go. Not written when something else was
/// ordered since `attempt`.
[[nodiscard]] FactDraft RemovalDraft(const EnvironmentProject& pair,
                                     const Wish& wish,
                                     const ReleaseName& running,
                                     long attempt,
                                     TimePoint at);
/// `removed`, or `failed` to be.
[[nodiscard]] FactDraft RemovalEndDraft(const ReconcileResult& result);
/// `resumed`: a person lets automation try again what failed, checks of a candidate too.
[[nodiscard]] FactDraft RetryDraft(const EnvironmentProject& pair,
                                   const Person& person,
                                   const std::string& request,
                                   const std::string& reason,
                                   TimePoint at);

/// What the reconciler found or did: one or two facts, in order.
[[nodiscard]] std::vector<FactDraft> ResultDrafts(const Situation& situation,
                                                  const ReconcileResult& result);

}  // namespace failgate
