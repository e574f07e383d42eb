#include "controller/checks/check_run.h"

#include <fmt/format.h>

#include <utility>

#include "controller/base/durable_file.h"
#include "controller/base/error.h"
#include "controller/base/log.h"
#include "controller/base/secret.h"
#include "controller/base/text.h"
#include "controller/checks/check_files.h"
#include "controller/evidence/evidence.h"
#include "controller/pipeline/step_report_files.h"
#include "controller/pipeline/step_workspace.h"
#include "controller/pipeline/workspace_files.h"
#include "controller/runners/step_log.h"
#include "policies/gates/command.h"

namespace failgate {
namespace {

constexpr const char* kCandidateInside = "/run/failgate-candidate";
constexpr const char* kFactsInside = "/run/failgate-facts.json";
constexpr const char* kDeployedInside = "/run/failgate/deployed";
constexpr const char* kAnswerFile = ".failgate-answer";
constexpr std::size_t kMaxCheckLogBytes = std::size_t{4} << 20U;
/// Before the command's own text: it reads the facts and writes its answer, nothing else.
constexpr const char* kCommandFrame = "exec <\"$FAILGATE_FACTS\" >\"$FAILGATE_ANSWER\"\n";

/// Removed with all that is in it.
class CheckFolder {
 public:
  CheckFolder(const std::filesystem::path& workspaces, const std::string& key)
      : path_(workspaces / "checks" / key) {
    MakePassable(workspaces);
    MakePassable(path_.parent_path());
    RemoveTree(path_);
    MakePassable(path_);
  }
  ~CheckFolder() {
    try {
      RemoveTree(path_);
    } catch (const std::exception& error) {
      // The next start removes what is left; the outcome stands.
      log::Warning("the folder of a check could not be removed", {{"error", error.what()}});
    }
  }
  CheckFolder(const CheckFolder&) = delete;
  CheckFolder& operator=(const CheckFolder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

class Execution {
 public:
  Execution(const CheckRunParts& parts, const CheckJob& job)
      : parts_(parts), job_(job), key_(KeyOf(job)), folder_(parts.workspaces, key_) {}

  CheckOutcome Run(const std::function<void(const ProcessIdentity&)>& on_started,
                   std::stop_token stop) {
    Prepare();
    command_.on_started = on_started;
    CheckOutcome outcome;
    outcome.started = parts_.clock.Now();
    const StepOutcome ended = parts_.runner.Run(command_, std::move(stop));
    outcome.finished = parts_.clock.Now();
    switch (ended.status) {
      case StepStatus::kCancelled:
      case StepStatus::kSandboxRefused:
        throw Error(Remedy::kRetry, OneLine(Redact(ended.reason)));
      case StepStatus::kPassed:
        Judge(outcome);
        break;
      case StepStatus::kFailed:
      case StepStatus::kTimedOut:
      case StepStatus::kLimit: {
        (void)TakeReports(outcome);
        const std::string last = LastLogLine(command_.log_file);
        outcome.reason = last.empty() ? ended.reason : fmt::format("{}: {}", ended.reason, last);
        break;
      }
    }
    outcome.passed = outcome.reason.empty();
    outcome.reason = OneLine(Redact(outcome.reason));
    return outcome;
  }

 private:
  void Prepare() {
    const std::filesystem::path work = folder_.path() / "work";
    ExportLimits limits;
    if (parts_.limits.disk_bytes) {
      limits.max_bytes = static_cast<std::uint64_t>(*parts_.limits.disk_bytes);
    }
    LayOutCheckFiles(
        Repository::Open(parts_.operations), job_.files, job_.environment, work, limits);
    command_.workspace = work;
    command_.script = job_.check.run;
    command_.timeout = job_.check.timeout;
    command_.limits = parts_.limits;
    command_.log_file = CheckLogPath(parts_.logs, key_);
    command_.max_log_bytes = kMaxCheckLogBytes;
    CreateFolders(command_.log_file.parent_path(), 0700);
    inside_ = parts_.runner.InsideWorkspace(work);
    command_.env = {{"CI", "true"},
                    {"FAILGATE_PROJECT", job_.project.text()},
                    {"FAILGATE_ENVIRONMENT", job_.environment.text()},
                    {"FAILGATE_RELEASE", job_.candidate.release.text()}};
    if (job_.kind == CheckKind::kCommand) {
      FrameCommand();
      return;
    }
    Show("FAILGATE_CANDIDATE", "candidate", job_.candidate, kCandidateInside);
    if (job_.champion) Show("FAILGATE_CHAMPION", "champion", *job_.champion, kChampionInside);
    if (job_.kind == CheckKind::kAfter) LookAtWhatRuns();
  }

  void FrameCommand() {
    const std::filesystem::path facts = folder_.path() / "facts.json";
    WriteFileDurably(facts, job_.input, 0644);
    RemoveTree(command_.workspace / kAnswerFile);
    Bind("FAILGATE_FACTS", facts, kFactsInside);
    command_.env.emplace_back("FAILGATE_ANSWER", (inside_ / kAnswerFile).string());
    command_.script = kCommandFrame + job_.check.run;
  }

  /// It is there to ask what runs, as the command of a health check is.
  void LookAtWhatRuns() {
    command_.network = true;
    if (!job_.address.empty()) command_.env.emplace_back("FAILGATE_ADDRESS", job_.address);
    if (!job_.deployed.empty()) Bind("FAILGATE_PATH", job_.deployed, kDeployedInside);
  }

  void Show(const char* variable,
            const char* name,
            const CheckedRelease& release,
            const char* inside) {
    for (const ArtifactRecord& artifact : release.artifacts) {
      if (!parts_.artifacts.Has(artifact.sha256)) {
        throw Error(
            Remedy::kNeedsChange,
            fmt::format(
                "the bytes of artifact {} of {} are gone", artifact.name, release.release.text()));
      }
    }
    PlaceArtifacts(parts_.artifacts, release.artifacts, folder_.path() / name);
    Bind(variable, folder_.path() / name, inside);
  }

  void Bind(const char* variable, const std::filesystem::path& host, const char* inside) {
    ReadOnlyBind bind{host, inside};
    command_.env.emplace_back(variable, parts_.runner.InsideBind(bind).string());
    command_.read_only.push_back(std::move(bind));
  }

  /// The program ended well: what it promised must be there too.
  void Judge(CheckOutcome& outcome) {
    if (job_.kind != CheckKind::kCommand) {
      outcome.reason = TakeReports(outcome);
      return;
    }
    const auto answer = ReadWorkspaceFile(command_.workspace, kAnswerFile, kMaxAnswerBytes);
    const auto parsed =
        answer ? ParseCommandAnswer(*answer) : Result<CommandAnswer>(answer.error());
    if (!parsed) {
      outcome.reason = "its answer cannot be used: " + parsed.error().text;
      return;
    }
    outcome.answer = *answer;
  }

  /// The first fault; empty when there is none.
  std::string TakeReports(CheckOutcome& outcome) const {
    const ReportPaths declared{job_.check.tests, job_.check.coverage, job_.check.metrics};
    const std::filesystem::path kept = folder_.path() / "reports";
    CollectedReports collected =
        CollectReports(command_.workspace, inside_.string(), declared, kept);
    outcome.tests = collected.tests;
    StepResult result;
    result.workspace = inside_.string();
    result.reports = std::move(collected.stored);
    StepReports step;
    step.name = job_.check.name;
    step.level = job_.check.level;
    step.state = EvidenceState::kPassed;
    if (auto reports = LoadReports(kept, result)) step.reports = std::move(*reports);
    const Result<Evidence> evidence = CollectEvidence({step});
    if (evidence) outcome.metrics = evidence->metrics;
    if (collected.fault) return *collected.fault;
    return evidence ? std::string() : evidence.error().text;
  }

  const CheckRunParts& parts_;
  const CheckJob& job_;
  std::string key_;
  CheckFolder folder_;
  StepCommand command_;
  std::filesystem::path inside_;
};

}  // namespace

CheckOutcome RunCheck(const CheckRunParts& parts,
                      const CheckJob& job,
                      const std::function<void(const ProcessIdentity&)>& on_started,
                      std::stop_token stop) {
  return Execution(parts, job).Run(on_started, std::move(stop));
}

}  // namespace failgate
