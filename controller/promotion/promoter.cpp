#include "controller/promotion/promoter.h"

#include <fmt/format.h>

#include <map>
#include <utility>

#include "controller/base/fail_point.h"
#include "controller/base/log.h"
#include "controller/base/text.h"
#include "controller/promotion/orders.h"
#include "controller/promotion/request_work.h"
#include "controller/release/run_result.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxFactsAtOnce = 500;
constexpr std::size_t kMaxDeliveryId = 200;

AllowedSigners OnlyOurs(const SigningKey& key) {
  auto signers = AllowedSigners::Parse("controller " + key.PublicLine() + "\n");
  Check(signers.has_value(), "our own public line is an allowed signer");
  return std::move(*signers);
}

ReleaseRecord DraftRecord(const Run& run, const std::string& url, TimePoint created) {
  const auto result = ParseRunResult(run.evidence_json);
  if (!result) {
    throw Error(
        Remedy::kNeedsChange,
        fmt::format("reading the result of run {}: {}", run.id.text(), result.error().text));
  }
  ReleaseRecord record;
  record.project = run.project;
  record.source = run.source;
  record.source_url = url;
  record.revision = run.revision;
  record.ref = run.ref;
  record.data = run.data_version;
  record.created = std::chrono::floor<std::chrono::seconds>(created);
  record.run = run.id;
  record.trigger = std::string(Word(run.trigger));
  record.training = run.training.empty() ? "full" : run.training;
  record.delivery = run.deliveries.empty() ? std::string() : run.deliveries.back();
  record.artifacts = result->artifacts;
  record.evidence = result->evidence;
  return record;
}

}  // namespace

Promoter::Promoter(Parts parts, PromotionBounds bounds)
    : parts_(std::move(parts)),
      bounds_(std::move(bounds)),
      wishes_(OnlyOurs(parts_.key)),
      known_releases_(parts_.log) {}

void Promoter::OnAnswered(std::function<void(const std::string&, const std::string&)> told) {
  answered_ = std::move(told);
}

void Promoter::OnForeignLog(std::function<void(const std::string& why)> told) {
  told_foreign_ = std::move(told);
}

void Promoter::OnChanged(std::function<void()> told) {
  told_change_ = std::move(told);
}

std::shared_ptr<const PromotionSnapshot> Promoter::Snapshot() const {
  return shared_.Lock()->snapshot;
}

std::string Promoter::Trouble() const {
  return shared_.Lock()->trouble;
}

Situation Promoter::Look() {
  const auto main = parts_.log.MainHead();
  if (!main) {
    throw Error(
        Remedy::kNeedsChange,
        "the operations repository has no branch main: push what `failgate init operations` "
        "made");
  }
  if (*main != read_main_) {
    view_ = ReadOperationsAt(parts_.log.repository(), *main);
    read_main_ = *main;
    for (const Problem& problem : view_.problems) {
      log::Warning("a file on main stops what it concerns", {{"problem", Describe(problem)}});
    }
  }
  tree_.emplace(parts_.log.repository(), parts_.log.LogHead());
  return Situation{
      parts_.log.repository(), *main, view_, *tree_, bounds_, authors_, parts_.clock.Now()};
}

void Promoter::WriteReleases(std::vector<FactDraft>& drafts,
                             std::vector<std::function<void()>>& after) {
  for (const Run& run : parts_.runs.OwedReleases()) {
    const auto url = parts_.source_urls.find(run.source);
    if (url == parts_.source_urls.end()) {
      parts_.runs.IgnoreRelease(run.id, "its source is no longer configured");
      continue;
    }
    const auto name = std::make_shared<ReleaseName>();
    try {
      ReleaseRecord record = DraftRecord(run, url->second, run.finished.value_or(run.created));
      if (parts_.delivery_name && !record.delivery.empty()) {
        const std::string forge = OneLine(parts_.delivery_name(record.delivery), kMaxDeliveryId);
        record.delivery = forge.empty() ? record.delivery : forge;
      }
      drafts.push_back(ReleasedDraft(std::move(record),
                                     bounds_.mirrors / (run.source.text() + ".git"),
                                     known_releases_,
                                     name));
    } catch (const Error& error) {
      // One run that cannot be read must not hold up the others.
      log::Error("a run gives no release", {{"run", run.id.text()}, {"error", error.what()}});
      parts_.runs.IgnoreRelease(run.id, error.what());
      continue;
    }
    after.emplace_back([this, id = run.id, name] { parts_.runs.MarkReleased(id, *name); });
  }
  std::map<ProjectName, std::size_t> superseded;
  for (const Run& run : parts_.runs.UntoldSuperseded()) {
    if (superseded[run.project] == kSupersededRemembered) {
      break;  // the next pass goes on: the log must know all of one batch again
    }
    const auto url = parts_.source_urls.find(run.source);
    drafts.push_back(
        SupersededDraft(OvertakenRun{run.project,
                                     run.source,
                                     url == parts_.source_urls.end() ? "" : url->second,
                                     run.revision,
                                     run.id,
                                     run.superseded_by,
                                     run.finished.value_or(run.created)}));
    after.emplace_back(
        [this, id = run.id, reason = run.reason] { parts_.runs.IgnoreRelease(id, reason); });
    ++superseded[run.project];
  }
}

void Promoter::WriteOwed() {
  const Situation situation = Look();
  std::vector<FactDraft> drafts;
  std::vector<std::function<void()>> after;
  WriteReleases(drafts, after);
  for (const ReconcileResult& result : parts_.reconciler.Results()) {
    try {
      for (FactDraft& draft : ResultDrafts(situation, result)) {
        drafts.push_back(std::move(draft));
      }
    } catch (const Error& error) {
      log::Error("a result cannot be told yet",
                 {{"environment", result.environment.text()}, {"error", error.what()}});
      continue;
    }
    after.emplace_back([this, result] { parts_.reconciler.Acknowledge(result); });
  }
  for (const auto& written : parts_.log.Append(drafts)) {
    changed_ = changed_ || written.has_value();
  }
  if (!after.empty()) {
    FailPoint("owed-pushed");
  }
  // Only now: what is not on the remote stays owed.
  for (const auto& done : after) {
    done();
  }
}

void Promoter::CarryOutRequests() {
  for (const Request& request : parts_.requests.Open()) {
    RequestAnswer answer;
    try {
      FailPoint("request-taken");
      answer = CarryOut(request, Look(), parts_.log, parts_.key);
    } catch (const Error& error) {
      if (error.remedy() == Remedy::kRetry) {
        log::Warning("a request waits for the remote", {{"error", error.what()}});
        break;  // it stays open and is tried again; the rest of the pass tells whether all is lost
      }
      answer = RefuseRequest(409, "not_written", error.what());
    }
    const std::string json = WriteJson(answer, request.id);
    parts_.requests.Finish(
        request.id, answer.refused() ? RequestState::kRefused : RequestState::kDone, json);
    FailPoint("request-finished");
    changed_ = true;
    answers_[request.id] = json;
  }
}

void Promoter::TellAnswers() {
  for (const auto& answer : std::exchange(answers_, {})) {
    if (answered_) {
      answered_(answer.first, answer.second);
    }
  }
}

void Promoter::JudgePair(const Situation& situation,
                         const EnvironmentProject& pair,
                         std::vector<FactDraft>& drafts) {
  Assessment& assessment = pairs_[pair];
  assessment = Assess(situation, pair, wishes_);
  const long attempt = situation.log.Environment(pair.first, pair.second).decided.attempt;
  for (const JudgedCandidate& judged : assessment.judged) {
    drafts.push_back(DecidedDraft(judged));
    if (judged.record.decision.outcome == Outcome::kPassed) {
      drafts.push_back(PromotedDraft(judged, attempt));
    }
  }
  if (assessment.refused) {
    drafts.push_back(RefusedDraft(pair,
                                  assessment.refused->release,
                                  assessment.refused->wish,
                                  assessment.refused->why,
                                  situation.now));
  }
}

void Promoter::JudgeAll() {
  const Situation situation = Look();
  std::vector<FactDraft> drafts;
  pairs_.clear();
  for (const EnvironmentName& environment : view_.ladder.order) {
    for (const auto& deployment : view_.deployments) {
      if (deployment.first.first != environment) {
        continue;
      }
      try {
        JudgePair(situation, deployment.first, drafts);
      } catch (const Error& error) {
        // Something of this pair cannot be read: it stands still, the others go on.
        Assessment& assessment = pairs_[deployment.first];
        assessment = Assessment{};
        assessment.state = PairState::kInvalid;
        assessment.text = error.what();
      }
    }
  }
  for (std::size_t from = 0; from < drafts.size(); from += kMaxFactsAtOnce) {
    const std::size_t to = std::min(drafts.size(), from + kMaxFactsAtOnce);
    const std::vector<FactDraft> batch(drafts.begin() + static_cast<std::ptrdiff_t>(from),
                                       drafts.begin() + static_cast<std::ptrdiff_t>(to));
    for (const auto& written : parts_.log.Append(batch)) {
      if (written) {
        FailPoint("verdicts-pushed");
        changed_ = true;
      }
    }
  }
}

void Promoter::Publish() {
  auto snapshot = std::make_shared<PromotionSnapshot>();
  const Situation situation = Look();
  snapshot->main = situation.main;
  snapshot->log_head = parts_.log.LogHead();
  snapshot->log = log_reader_.Read(parts_.log.repository(), snapshot->log_head);
  snapshot->view = view_;
  snapshot->pairs = pairs_;
  snapshot->at = situation.now;
  parts_.reconciler.SetOrders(BuildOrders(situation, snapshot->log));
  auto shared = shared_.Lock();
  shared->snapshot = std::move(snapshot);
  shared->trouble.clear();
}

void Promoter::Step() {
  changed_ = false;
  try {
    if (parts_.log.Fetch() != LogStanding::kOurs) {
      throw Error(Remedy::kNeedsChange, parts_.log.trouble());
    }
    if (!taken_over_) {
      const auto foreign = parts_.log.WhyNotOurs();
      if (foreign && told_foreign_) {
        told_foreign_(*foreign);
      }
      parts_.log.TakeOver();
      FailPoint("taken-over");
      taken_over_ = true;
      changed_ = true;
    }
    WriteOwed();
    CarryOutRequests();
    JudgeAll();
    Publish();
  } catch (const std::exception& error) {
    shared_.Lock()->trouble = error.what();
    TellAnswers();  // what was asked is written, whatever failed after it
    RethrowWithContext("promoting");
  }
  TellAnswers();
  if (changed_ && told_change_) {
    told_change_();
  }
}

}  // namespace failgate
