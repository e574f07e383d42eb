// Writes a deploy log for audit.py: FACTS facts about one project, two of five with a decision and
// all its inputs. FOLDER holds operations.git and signing_key.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "controller/base/error.h"
#include "controller/base/text.h"
#include "controller/deploylog/deploy_log.h"
#include "controller/release/release_record.h"
#include "policies/decision_json.h"
#include "policies/evaluate.h"
#include "policies/git_blob.h"
#include "policies/verdict_text.h"

namespace failgate {
namespace {

constexpr long kFactsAPush = 500;
constexpr const char* kPolicyPath = "environments/prod/environment.yaml";
constexpr int kLinesCovered = 91;

/// Asks for more lines than are covered every other time, so that each verdict is a new one.
std::string PolicyAt(long number) {
  return fmt::format(
      "policy: delivery\n"
      "gates:\n"
      "  tests: {{levels: [unit, integration, functional]}}\n"
      "  coverage: {{lines: {}}}\n",
      number % 5 == 1 ? kLinesCovered + 1 : kLinesCovered - 1);
}

ReleaseRecord Record() {
  ReleaseRecord record;
  record.project = ProjectName("churn");
  record.name = ReleaseName("churn-1");
  record.number = 1;
  record.source = SourceName("apps");
  record.source_url = "https://git.example.com/apps.git";
  record.revision = CommitId(std::string(40, 'a'));
  record.ref = "refs/heads/main";
  record.run = RunId("00000000-0000-7000-8000-000000000001");
  record.trigger = "code";
  record.training = "full";
  for (const std::string& level : TestLevels()) {
    record.evidence.tests[level] = TestCounts{212, 0, 0, 1};
  }
  record.evidence.coverage = CoverageFigures{kLinesCovered * 10, 1000, 300, 400};
  return record;
}

FactDraft About(FactKind kind, const std::string& subject, TimePoint at) {
  FactDraft draft;
  draft.fact.kind = kind;
  draft.fact.at = at;
  draft.fact.subject = subject;
  draft.fact.project = ProjectName("churn");
  draft.fact.environment = EnvironmentName("prod");
  draft.fact.release = ReleaseName("churn-1");
  return draft;
}

FactDraft Released(TimePoint at) {
  FactDraft draft = About(FactKind::kReleased, "released churn-1", at);
  draft.fact.environment = EnvironmentName();
  const ReleaseRecord record = Record();
  draft.fact.Add("Record", ReleaseRecordDigest(record));
  draft.change = [bytes = ReleaseRecordToJson(record)](LogEdit& edit) {
    edit.project->releases = 1;
    edit.tree.Put("releases/churn/churn-1.json", bytes);
    return true;
  };
  return draft;
}

FactDraft Healed(TimePoint at, long number) {
  FactDraft draft = About(FactKind::kHealed, fmt::format("healed churn-1 in prod, {}", number), at);
  draft.result = "success";
  draft.change = [](LogEdit& edit) {
    edit.environment->drift = Drift::kNone;
    return true;
  };
  return draft;
}

DecisionRecord Judged(TimePoint at, long number) {
  DecisionRecord record;
  record.project = ProjectName("churn");
  record.environment = EnvironmentName("prod");
  record.release = ReleaseName("churn-1");
  record.record = ReleaseRecordDigest(Record());
  record.time = at;
  const std::string text = PolicyAt(number);
  record.policy = {PolicyFile{kPolicyPath, GitBlobId(text), text}};
  Facts& facts = record.facts;
  facts.project = record.project;
  facts.environment = record.environment;
  facts.release = record.release;
  facts.record = record.record;
  facts.now = at;
  facts.evidence = Record().evidence;
  facts.authors_known = true;
  facts.authors = {Person{"Dave", fmt::format("dave{}@example.com", number)}};  // each another
  facts.requested_via = "api";
  const auto policy = PolicyOf(record.policy, record.environment, record.project);
  Check(policy.has_value(), "the policy can be read");
  record.decision = Evaluate(*policy, facts);
  return record;
}

FactDraft Decided(TimePoint at, long number) {
  const DecisionRecord record = Judged(at, number);
  const std::string bytes = DecisionRecordToJson(record);
  const std::string name = DecisionName(bytes);
  FactDraft draft =
      About(FactKind::kDecided, fmt::format("decided churn-1 for prod, {}", number), at);
  draft.result = Word(record.decision.outcome);
  draft.fact.Add("Record", record.record);
  draft.fact.Add("Decision", name);
  for (const GateVerdict& verdict : record.decision.verdicts) {
    draft.fact.Add("Gate", GateLine(verdict));
  }
  draft.change = [bytes, name, summary = VerdictSummary(record.decision)](LogEdit& edit) {
    edit.environment->verdicts[ReleaseName("churn-1")] = summary;
    edit.tree.Put(*DecisionPath(name), bytes);
    return true;
  };
  return draft;
}

void Write(DeployLog& log, long facts) {
  const TimePoint begin = std::chrono::floor<std::chrono::seconds>(SystemClock().Now());
  log.Append({Released(begin)});
  for (long done = 0; done < facts; done += kFactsAPush) {
    std::vector<FactDraft> drafts;
    for (long number = done; number < std::min(facts, done + kFactsAPush); ++number) {
      const bool decides = number % 5 == 1 || number % 5 == 2;
      drafts.push_back(decides ? Decided(begin, number) : Healed(begin, number));
    }
    static_cast<void>(log.Append(drafts));
  }
}

int Run(const std::filesystem::path& folder, long facts) {
  ProcessRunner runner;
  RemoteConfig config;
  config.url = (folder / "operations.git").string();
  config.home = folder / "home-of-log-writer";
  const SigningKey key = SigningKey::Load(folder / "signing_key");
  DeployLog::Options options;
  options.repository = folder / "mirror.git";
  options.controller = "benchmark";
  options.instance = "one";
  options.host = "localhost";
  DeployLog log(
      options, [&] { return Remote(runner, config); }, key, SystemClock());
  log.Fetch();
  log.TakeOver();
  Write(log, facts);
  return EXIT_SUCCESS;
}

}  // namespace
}  // namespace failgate

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const auto facts =
      arguments.size() == 2 ? failgate::ParseNonNegative(arguments[1]) : std::nullopt;
  if (!facts) {
    std::fputs("usage: failgate_audit_log FOLDER FACTS\n", stderr);
    return 2;
  }
  try {
    return failgate::Run(arguments[0], static_cast<long>(*facts));
  } catch (const failgate::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return EXIT_FAILURE;
  }
}
