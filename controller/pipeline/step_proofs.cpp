#include "controller/pipeline/step_proofs.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "controller/base/durable_file.h"
#include "controller/base/error.h"
#include "controller/base/secret.h"
#include "controller/base/text.h"
#include "controller/evidence/report_comparison.h"
#include "controller/pipeline/code_before.h"
#include "controller/pipeline/step_report_files.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxCopiedLogBytes = std::size_t{8} << 20U;
constexpr std::size_t kMaxReason = 500;

std::string Clean(const std::string& text) {
  return OneLine(Redact(text), kMaxReason);
}

class Proofs {
 public:
  Proofs(const ExecutionParts& parts, const StepAttemptOrder& order, std::stop_token stop)
      : parts_(parts), order_(order), stop_(std::move(stop)) {}

  StepVerdict Run() {
    StepVerdict verdict = RunStepAttempt(parts_, order_, stop_);
    const PipelineStep& step = order_.step;
    if (verdict.kind != StepVerdict::Kind::kPassed ||
        (!step.repeat && step.regression_tests.empty())) {
      return verdict;
    }
    const auto reports = LoadReports(
        StepReportFolder(parts_.folders, order_.context.run.id, step.name), verdict.result);
    if (!reports) {
      throw Error(Remedy::kRetry, "reading the reports of the step again: one is gone");
    }
    if (step.repeat && !Repeat(*reports, verdict)) {
      return verdict;
    }
    if (!step.regression_tests.empty()) {
      (void)TryOnCodeBefore(*reports, verdict);
    }
    return verdict;
  }

 private:
  /// false: the step ends here, as `verdict` then says.
  bool Repeat(const std::vector<Report>& reports, StepVerdict& verdict) {
    StepVariant variant;
    variant.name = "repeat";
    variant.env = RepeatVariables(*order_.step.repeat, order_.context.run.revision);
    std::string title = "once more";
    for (const auto& [name, value] : variant.env) title += fmt::format(" {}={}", name, value);
    const auto second = RunVariant(variant, title, verdict);
    if (!second) {
      return false;
    }
    RepeatEvidence evidence = CompareRuns(reports, second->reports);
    evidence.shuffled = order_.step.repeat->shuffle != Shuffle::kNone;
    // A case that fails says more than the exit code that followed from it.
    if (second->verdict.kind != StepVerdict::Kind::kPassed &&
        (evidence.difference.empty() || second->reports.size() != reports.size())) {
      evidence.difference = "the second run did not pass: " + Clean(second->verdict.reason);
    }
    verdict.result.repeated = std::move(evidence);
    return true;
  }

  bool TryOnCodeBefore(const std::vector<Report>& reports, StepVerdict& verdict) {
    RegressionEvidence evidence =
        LookAtCodeBefore(parts_, order_.context, order_.step.regression_tests);
    if (evidence.state == RegressionState::kRan) {
      StepVariant variant;
      variant.name = "before";
      variant.tree = TreeOverlay{evidence.parent, order_.step.regression_tests};
      const auto before = RunVariant(
          variant,
          fmt::format("on the code of {}, with the tests of now", evidence.parent.text()),
          verdict);
      if (!before) {
        return false;
      }
      Judge(reports, *before, evidence);
    }
    verdict.result.regression = std::move(evidence);
    return true;
  }

  /// A report counts only when the tests came to their own end.
  static void Judge(const std::vector<Report>& now,
                    const VariantOutcome& before,
                    RegressionEvidence& evidence) {
    const bool has_tests =
        std::any_of(before.reports.begin(), before.reports.end(), [](const Report& report) {
          return report.kind == ReportKind::kTests;
        });
    if (before.status != StepStatus::kPassed && before.status != StepStatus::kFailed) {
      evidence.state = RegressionState::kUnfinished;
      evidence.detail = Clean(before.verdict.reason);
      return;
    }
    if (!has_tests) {
      // One that ends well without its report shows nothing at all.
      evidence.state = before.status == StepStatus::kFailed ? RegressionState::kBroken
                                                            : RegressionState::kUnfinished;
      evidence.detail = Clean(before.verdict.reason);
      return;
    }
    CasesFixed fixed = FindCasesFixed(now, before.reports);
    evidence.failed_before = fixed.count;
    for (const std::string& name : fixed.names) evidence.cases.push_back(OneLine(Redact(name)));
  }

  /// nullopt: the step ends here, as `verdict` then says.
  std::optional<VariantOutcome> RunVariant(const StepVariant& variant,
                                           const std::string& title,
                                           StepVerdict& verdict) {
    StepAttemptOrder order = order_;
    order.log_file += ".again";
    VariantOutcome outcome = RunStepVariant(parts_, order, variant, stop_);
    AddLog(order.log_file, title, verdict);
    const StepVerdict::Kind kind = outcome.verdict.kind;
    if (kind == StepVerdict::Kind::kCancelled || kind == StepVerdict::Kind::kSandboxRefused) {
      verdict.kind = kind;
      verdict.reason = outcome.verdict.reason;
      return std::nullopt;
    }
    return outcome;
  }

  void AddLog(const std::filesystem::path& more, const std::string& title, StepVerdict& verdict) {
    const std::string text = fmt::format("failgate: {}\n", OneLine(Redact(title))) +
                             ReadFileIfPresent(more, kMaxCopiedLogBytes).value_or("");
    const FileDescriptor file(
        open(order_.log_file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600));
    if (!file.valid()) {
      throw ErrnoError("opening", order_.log_file.string(), errno);
    }
    WriteAll(file.get(), text, order_.log_file.string());
    verdict.log_bytes += static_cast<long long>(text.size());
    RemoveTree(more);
  }

  const ExecutionParts& parts_;
  const StepAttemptOrder& order_;
  std::stop_token stop_;
};

}  // namespace

StepVerdict RunStepWithProofs(const ExecutionParts& parts,
                              const StepAttemptOrder& order,
                              std::stop_token stop) {
  return Proofs(parts, order, std::move(stop)).Run();
}

}  // namespace failgate
