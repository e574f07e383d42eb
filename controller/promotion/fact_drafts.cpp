#include "controller/promotion/fact_drafts.h"

#include <fmt/format.h>

#include <algorithm>

#include "controller/base/release_number.h"
#include "controller/base/text.h"
#include "controller/deploylog/unknown_author.h"
#include "controller/promotion/authors.h"
#include "controller/promotion/fact_trailers.h"
#include "policies/verdict_text.h"

namespace failgate {
namespace {

Fact FactAbout(FactKind kind,
               const EnvironmentProject& pair,
               const ReleaseName& release,
               TimePoint at) {
  Fact fact;
  fact.kind = kind;
  fact.at = at;
  fact.environment = pair.first;
  fact.project = pair.second;
  fact.release = release;
  return fact;
}

void EraseApprovals(EnvironmentState& state, const ReleaseName& release, const std::string& email) {
  auto& given = state.approvals;
  given.erase(std::remove_if(given.begin(),
                             given.end(),
                             [&](const StandingApproval& approval) {
                               return approval.release == release &&
                                      SamePerson(approval.person.email, email);
                             }),
              given.end());
}

/// A promotion uses approvals up; a veto stands until it is withdrawn.
void ForgetUsedApprovals(EnvironmentState& state, const ReleaseName& release) {
  auto& given = state.approvals;
  given.erase(std::remove_if(given.begin(),
                             given.end(),
                             [&](const StandingApproval& approval) {
                               return approval.release == release && !approval.rejects;
                             }),
              given.end());
}

void ForgetUsedOverrides(EnvironmentState& state, const ReleaseName& release) {
  auto& given = state.overrides;
  given.erase(std::remove_if(given.begin(),
                             given.end(),
                             [&](const StandingOverride& each) { return each.release == release; }),
              given.end());
}

/// A check or the command of a gate said no to a candidate: that can be tried again.
bool ProgramsFailed(const EnvironmentState& state) {
  return std::any_of(state.verdicts.begin(), state.verdicts.end(), [](const auto& verdict) {
    const std::vector<std::string> words = Split(verdict.second, ' ');
    return std::any_of(words.begin(), words.end(), [](const std::string& word) {
      const bool program = word.rfind("checks=", 0) == 0 || word.rfind("command", 0) == 0;
      return program && word.substr(word.find('=') + 1) == Word(Verdict::kFail);
    });
  });
}

bool KnowsRequest(const EnvironmentState& state, const std::string& request) {
  return std::any_of(state.approvals.begin(), state.approvals.end(), [&](const auto& approval) {
    return approval.request == request;
  });
}

}  // namespace

JudgedCandidate MakeJudged(Candidate candidate, DecisionRecord record) {
  JudgedCandidate judged;
  judged.candidate = std::move(candidate);
  judged.bytes = DecisionRecordToJson(record);
  judged.digest = DecisionName(judged.bytes);
  judged.record = std::move(record);
  return judged;
}

FactDraft DecidedDraft(const JudgedCandidate& judged) {
  FactDraft draft;
  const Candidate& candidate = judged.candidate;
  draft.fact = FactAbout(FactKind::kDecided, candidate.pair, candidate.release, judged.record.time);
  draft.result = Word(judged.record.decision.outcome);
  draft.fact.subject = fmt::format(
      "decided {} for {}: {}", candidate.release.text(), candidate.pair.first.text(), draft.result);
  AddDecisionTrailers(draft.fact, judged.record, judged.digest, candidate.wish);
  draft.change = [judged](LogEdit& edit) {
    const std::string summary = VerdictSummary(judged.record.decision);
    if (!edit.environment->RememberVerdict(judged.candidate.release, summary)) {
      return false;
    }
    edit.tree.Put(*DecisionPath(judged.digest), judged.bytes);
    return true;
  };
  return draft;
}

FactDraft PromotedDraft(const JudgedCandidate& judged, long attempt) {
  FactDraft draft;
  const Candidate& candidate = judged.candidate;
  draft.fact =
      FactAbout(FactKind::kPromoted, candidate.pair, candidate.release, judged.record.time);
  draft.fact.subject = fmt::format("promoted {} to {}{}",
                                   candidate.release.text(),
                                   candidate.pair.first.text(),
                                   candidate.rollback ? " (rollback)" : "");
  if (judged.record.facts.running) {
    draft.fact.Add("Previous", judged.record.facts.running->text());
  }
  draft.fact.Add("Attempt", std::to_string(attempt + 1));
  AddDecisionTrailers(draft.fact, judged.record, judged.digest, candidate.wish);
  draft.change = [judged, attempt](LogEdit& edit) {
    EnvironmentState& state = *edit.environment;
    if (state.decided.attempt != attempt) {
      return false;
    }
    const Candidate& chosen = judged.candidate;
    state.decided = Ordered{chosen.release,
                            chosen.spec,
                            judged.digest,
                            chosen.wish ? chosen.wish->commit.text() : std::string(),
                            edit.fact.at,
                            attempt + 1,
                            false,
                            chosen.rollback,
                            false};
    state.stopped.clear();
    ForgetUsedApprovals(state, chosen.release);
    ForgetUsedOverrides(state, chosen.release);
    for (auto verdict = state.verdicts.begin(); verdict != state.verdicts.end();) {
      const bool past = ReleaseNumber(verdict->first) <= ReleaseNumber(chosen.release);
      verdict = past ? state.verdicts.erase(verdict) : std::next(verdict);
    }
    edit.tree.Put(*DecisionPath(judged.digest), judged.bytes);
    return true;
  };
  return draft;
}

FactDraft ReleasedDraft(ReleaseRecord record,
                        const std::filesystem::path& mirror,
                        ReleaseCatalogue& catalogue,
                        const std::shared_ptr<ReleaseName>& name) {
  FactDraft draft;
  draft.fact.kind = FactKind::kReleased;
  draft.fact.at = record.created;
  draft.fact.project = record.project;
  draft.change = [record = std::move(record), mirror, &catalogue, name](LogEdit& edit) mutable {
    if (const auto earlier = catalogue.FindSame(edit.tree, record)) {
      *name = *earlier;
      return false;
    }
    record.previous = catalogue.Newest(edit.tree, record.project);
    record.number = std::max(edit.project->releases, ReleaseNumber(record.previous)) + 1;
    record.name = MakeReleaseName(record.project, static_cast<long>(record.number));
    CommitId since;
    std::string data_before;
    if (!record.previous.empty()) {
      const auto previous = ParseReleaseRecord(edit.tree.Record(record.previous).value_or(""));
      since = previous ? previous->revision : CommitId();
      data_before = previous ? previous->data : "";
    }
    const auto of_data = DataAuthorsBetween(
        data_before,
        record.data,
        [&mirror](const SourceName& source, const CommitId& from, const CommitId& to) {
          return AuthorsBetween(mirror.parent_path() / (source.text() + ".git"), from, to);
        });
    record.authors =
        WithMore(AuthorsBetween(mirror, since, record.revision).value_or(std::vector<Person>{}),
                 of_data.value_or(std::vector<Person>{}));
    edit.project->releases = static_cast<long>(record.number);
    edit.tree.Put(RecordPath(record.project, record.name), ReleaseRecordToJson(record));
    edit.fact.release = record.name;
    edit.fact.subject = fmt::format("released {}", record.name.text());
    edit.fact.trailers.clear();
    AddReleaseTrailers(edit.fact, record);
    AddEvidenceTrailers(edit.fact, record);
    *name = record.name;
    return true;
  };
  return draft;
}

FactDraft SupersededDraft(const OvertakenRun& run) {
  FactDraft draft;
  draft.fact.kind = FactKind::kSuperseded;
  draft.fact.at = run.at;
  draft.fact.project = run.project;
  draft.fact.subject =
      fmt::format("superseded {} of {}", run.revision.text().substr(0, 12), run.project.text());
  draft.fact.Add("Source", fmt::format("{}@{}", run.source_url, run.revision.text()));
  if (!run.data.empty()) {
    draft.fact.Add("Data", run.data);
  }
  if (!run.watched.empty()) {
    draft.fact.Add("Watched", Join(run.watched, ", "));
    draft.fact.Add("Authored-by", kUnknownAuthor);
  }
  draft.fact.Add("Run", run.run.text());
  draft.fact.Add("Superseded-by", run.by.text());
  if (!run.reason.empty()) {
    draft.fact.Add("Reason", OneLine(run.reason));
  }
  draft.change = [id = run.run.text()](LogEdit& edit) {
    auto& told = edit.project->superseded;
    if (std::find(told.begin(), told.end(), id) != told.end()) {
      return false;
    }
    told.push_back(id);
    if (told.size() > kSupersededRemembered) {
      told.erase(told.begin());
    }
    return true;
  };
  return draft;
}

FactDraft ApprovalDraft(const EnvironmentProject& pair,
                        const StandingApproval& approval,
                        const std::string& reason) {
  FactDraft draft;
  draft.fact = FactAbout(approval.rejects ? FactKind::kRejected : FactKind::kApproved,
                         pair,
                         approval.release,
                         approval.at);
  const std::string word = FactWord(draft.fact.kind);
  draft.fact.subject =
      fmt::format("{} {} for {}", word, approval.release.text(), pair.first.text());
  draft.fact.Add("Record", approval.record);
  draft.fact.Add(approval.rejects ? "Rejected-by" : "Approved-by", TrailerPerson(approval.person));
  if (approval.expires) {
    draft.fact.Add("Expires", FormatTime(*approval.expires));
  }
  if (!reason.empty()) {
    draft.fact.Add("Reason", reason);
  }
  draft.fact.Add("Via", "api");
  draft.fact.Add("Request", approval.request);
  draft.change = [approval](LogEdit& edit) {
    if (KnowsRequest(*edit.environment, approval.request)) {
      return false;
    }
    EraseApprovals(*edit.environment, approval.release, approval.person.email);
    edit.environment->approvals.push_back(approval);
    return true;
  };
  return draft;
}

FactDraft WithdrawnDraft(const EnvironmentProject& pair,
                         const ReleaseName& release,
                         const Person& person,
                         const std::string& request,
                         TimePoint at) {
  FactDraft draft;
  draft.fact = FactAbout(FactKind::kWithdrawn, pair, release, at);
  draft.fact.subject = fmt::format("withdrawn {} for {}", release.text(), pair.first.text());
  draft.fact.Add("Withdrawn-by", TrailerPerson(person));
  draft.fact.Add("Via", "api");
  draft.fact.Add("Request", request);
  draft.change = [release, person](LogEdit& edit) {
    const std::size_t before = edit.environment->approvals.size();
    EraseApprovals(*edit.environment, release, person.email);
    return edit.environment->approvals.size() != before;
  };
  return draft;
}

FactDraft RefusedDraft(const EnvironmentProject& pair,
                       const CandidateChoice::Refused& refused,
                       TimePoint at) {
  FactDraft draft;
  draft.fact = FactAbout(FactKind::kRefused, pair, refused.release, at);
  draft.result = "refused";
  draft.fact.subject =
      refused.subject.empty()
          ? fmt::format("refused the wish for {} in {}", refused.release.text(), pair.first.text())
          : refused.subject;
  if (refused.wish.by_signature) {
    draft.fact.Add("Requested-by", TrailerPerson(refused.wish.requester));
  }
  draft.fact.Add("Wanted", refused.wish.commit.text());
  draft.fact.Add("Via", "commit");
  draft.fact.Add("Reason", refused.why);
  draft.change = [commit = refused.wish.commit.text()](LogEdit& edit) {
    const bool is_new = edit.environment->refused != commit;
    edit.environment->refused = commit;
    return is_new;
  };
  return draft;
}

FactDraft RetryDraft(const EnvironmentProject& pair,
                     const Person& person,
                     const std::string& request,
                     const std::string& reason,
                     TimePoint at) {
  FactDraft draft;
  draft.fact = FactAbout(FactKind::kResumed, pair, ReleaseName(), at);
  draft.fact.subject = fmt::format("resumed {} in {}", pair.second.text(), pair.first.text());
  draft.fact.Add("Requested-by", TrailerPerson(person));
  if (!reason.empty()) {
    draft.fact.Add("Reason", reason);
  }
  draft.fact.Add("Via", "api");
  draft.fact.Add("Request", request);
  draft.change = [](LogEdit& edit) {
    EnvironmentState& state = *edit.environment;
    const HistoryEntry* end = state.EndOf(state.decided.release, state.decided.spec);
    const bool failed =
        state.decided.finished && end != nullptr && end->end == DeploymentEnd::kFailed;
    const std::size_t before = state.history.size();
    state.history.erase(std::remove_if(state.history.begin(),
                                       state.history.end(),
                                       [](const HistoryEntry& entry) {
                                         return entry.end == DeploymentEnd::kFailed;
                                       }),
                        state.history.end());
    const bool changes =
        state.history.size() != before || !state.stopped.empty() || ProgramsFailed(state);
    state.decided.retry = state.decided.retry || failed;
    state.stopped.clear();
    state.verdicts.clear();
    return changes;
  };
  return draft;
}

}  // namespace failgate
