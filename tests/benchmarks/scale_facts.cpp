// A long deploy log: what a fact costs at its beginning and its end, what a start and a reader pay.
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "controller/base/error.h"
#include "controller/deploylog/deploy_log.h"
#include "controller/deploylog/log_index.h"
#include "controller/git/maintenance.h"
#include "controller/promotion/fact_drafts.h"
#include "tests/benchmarks/scale.h"

namespace failgate::scale {
namespace {

constexpr long kFactsOfRelease = 4;
constexpr long kBatch = 100;
constexpr long kQueue = 1000;  ///< facts that wait at once, written by one push
constexpr long kQueues = 3;
constexpr long kMeasured = 1000;
constexpr int kRounds = 5;

std::string Digest(long number) {
  return fmt::format("{:064x}", number);
}

ReleaseRecord Record(const ProjectName& project, long number, TimePoint at) {
  ReleaseRecord record;
  record.project = project;
  record.source = SourceName("apps");
  record.source_url = "https://git.example.com/apps.git";
  record.revision = CommitId(fmt::format("{:040x}", number));
  record.ref = "refs/heads/main";
  record.created = std::chrono::floor<std::chrono::seconds>(at);
  record.run = RunId(fmt::format("00000000-0000-7000-8000-{:012x}", number));
  record.trigger = "code";
  record.training = "full";
  ArtifactRecord artifact;
  artifact.name = "app";
  artifact.sha256 = Digest(number);
  artifact.size = 1'000'000;
  artifact.base_name = "app.bin";
  artifact.origin_run = record.run;
  record.artifacts.push_back(artifact);
  record.evidence.tests["unit"].passed = 212;
  record.evidence.coverage = CoverageFigures{910, 1000, 0, 0};
  return record;
}

/// What the log holds of one release in one environment: the drafts that a pass would make.
class Story {
 public:
  Story(long number, long projects, TimePoint at)
      : project_(fmt::format("app{}", number % projects)),
        attempt_(number / projects),
        at_(at),
        record_(Record(project_, number + 1, at)) {
    record_.number = attempt_ + 1;
    record_.name = MakeReleaseName(project_, attempt_ + 1);
  }

  void AddTo(ReleaseCatalogue& catalogue, std::vector<FactDraft>& drafts) const {
    const JudgedCandidate judged = Judged();
    drafts.push_back(
        ReleasedDraft(record_, "no-mirror", catalogue, std::make_shared<ReleaseName>()));
    drafts.push_back(DecidedDraft(judged));
    drafts.push_back(PromotedDraft(judged, attempt_));
    drafts.push_back(Deployed(judged));
  }

 private:
  [[nodiscard]] JudgedCandidate Judged() const {
    DecisionRecord record;
    record.project = project_;
    record.environment = EnvironmentName("prod");
    record.release = record_.name;
    record.record = ReleaseRecordDigest(record_);
    record.time = at_;
    record.policy = {
        {"environments/prod/environment.yaml", ObjectId(Digest(1).substr(24)), "gates: none\n"},
        {"environments/prod/app.yaml", ObjectId(Digest(2).substr(24)), "deploy: []\n"}};
    record.facts.project = record.project;
    record.facts.environment = record.environment;
    record.facts.release = record.release;
    record.facts.record = record.record;
    record.facts.now = at_;
    record.facts.evidence = record_.evidence;
    record.facts.requested_via = "automatic";
    record.decision.outcome = Outcome::kPassed;
    record.decision.verdicts = {
        {"tests", GateMode::kEnforce, Verdict::kPass, "unit 212", std::nullopt},
        {"coverage", GateMode::kEnforce, Verdict::kPass, "lines 91 %", std::nullopt}};
    Candidate candidate{
        {record.environment, project_}, record_.name, "sha256:" + Digest(3), {}, false};
    return MakeJudged(std::move(candidate), std::move(record));
  }

  [[nodiscard]] FactDraft Deployed(const JudgedCandidate& judged) const {
    FactDraft draft;
    draft.fact.kind = FactKind::kDeployed;
    draft.fact.at = at_;
    draft.fact.subject = fmt::format("deployed {} to prod", record_.name.text());
    draft.fact.project = project_;
    draft.fact.environment = EnvironmentName("prod");
    draft.fact.release = record_.name;
    draft.fact.Add("Decision", judged.digest);
    draft.fact.Add("Gate", "tests pass (unit 212)");
    draft.result = "success";
    draft.change = [](LogEdit& edit) {
      EnvironmentState& state = *edit.environment;
      state.decided.finished = true;
      state.running = state.decided.release;
      state.running_spec = state.decided.spec;
      state.since = edit.fact.at;
      state.Remember(HistoryEntry{state.decided.release,
                                  state.decided.spec,
                                  state.decided.decision,
                                  edit.fact.at,
                                  DeploymentEnd::kHealthy});
      return true;
    };
    return draft;
  }

  ProjectName project_;
  long attempt_;
  TimePoint at_;
  ReleaseRecord record_;
};

std::unique_ptr<DeployLog> Open(const std::filesystem::path& folder,
                                const std::string& mirror,
                                ProcessRunner& runner,
                                const SigningKey& key) {
  DeployLog::Options options;
  options.repository = folder / mirror;
  options.controller = "benchmark";
  options.instance = mirror;
  options.host = "localhost";
  options.deadline = std::chrono::minutes(10);
  RemoteConfig config;
  config.url = "file://" + (folder / "operations.git").string();
  config.home = folder / "home";
  return std::make_unique<DeployLog>(
      options, [&runner, config] { return Remote(runner, config); }, key, SystemClock());
}

struct Share {
  long from = 0;        ///< number of the first fact
  long facts = 0;       ///< a multiple of `batch`
  long batch = kBatch;  ///< facts a push
};

/// Tells facts a second while a share of them is written, and the microseconds of processor that
/// each cost. Packs as the controller does, after each push.
void Write(const std::string& name,
           DeployLog& log,
           ProcessRunner& runner,
           ReleaseCatalogue& catalogue,
           long projects,
           Share share) {
  const double own = ProcessorTime();
  const double children = ChildrenProcessorTime();
  double packing = 0;
  double packing_cpu = 0;
  const double milliseconds = Time([&] {
    for (long done = 0; done < share.facts; done += share.batch) {
      // Due at each fiftieth push: a thousand facts may have it or not.
      const double packed_before = ChildrenProcessorTime();
      packing += Time([&] { KeepRepositorySmall(runner, log.repository().path()); });
      packing_cpu += ChildrenProcessorTime() - packed_before;
      std::vector<FactDraft> drafts;
      for (long i = 0; i < share.batch / kFactsOfRelease; ++i) {
        Story((share.from + done) / kFactsOfRelease + i, projects, SystemClock().Now())
            .AddTo(catalogue, drafts);
      }
      for (const auto& written : log.Append(drafts)) {
        Check(written.has_value(), "every fact is written");
      }
    }
  });
  const auto count = static_cast<double>(share.facts);
  Tell((name + "_facts_per_s").c_str(), count / (milliseconds - packing) * 1000);
  Tell((name + "_cpu_us").c_str(), (ProcessorTime() - own) / count * 1000);
  Tell((name + "_git_cpu_us").c_str(),
       (ChildrenProcessorTime() - children - packing_cpu) / count * 1000);
  Tell((name + "_packing_cpu_us").c_str(), packing_cpu / count * 1000);
}

void Read(const DeployLog& log, const std::filesystem::path& mirror) {
  const Repository repository = Repository::Open(mirror);
  const CommitId head = *log.LogHead();
  LogFilter newest;
  Tell("read_newest_ms", MedianTime(kRounds, [&] {
         Check(ReadHistory(repository, head, newest).size() == newest.limit, "a page of facts");
       }));
  // The one fact of `staging` is the oldest but the start.
  LogFilter rare;
  rare.environment = EnvironmentName("staging");
  Tell("read_rare_ms",
       Time([&] { Check(ReadHistory(repository, head, rare).size() == 1, "one fact, long ago"); }));
}

void ReadByIndex(const DeployLog& log, const std::filesystem::path& folder) {
  Database database(folder / "failgate.db");
  FactIndex index(database);
  LogIndexer indexer(index, folder / "written.git");
  const CommitId head = *log.LogHead();
  Tell("index_ms", Time([&] {
         while (indexer.Advance(head)) {
         }
       }));
  const Repository repository = Repository::Open(folder / "written.git");
  LogFilter rare;
  rare.environment = EnvironmentName("staging");
  LogFilter decisions;
  decisions.kind = FactKind::kDecided;
  decisions.project = ProjectName("app1");
  Tell("list_rare_ms", MedianTime(kRounds, [&] {
         Check(ReadIndexedHistory(index, repository, head, rare).size() == 1, "one fact");
       }));
  Tell("list_decisions_ms", MedianTime(kRounds, [&] {
         Check(ReadIndexedHistory(index, repository, head, decisions).size() == decisions.limit,
               "a page of decisions");
       }));
}

FactDraft LongAgo() {
  FactDraft draft;
  draft.fact.kind = FactKind::kHealed;
  draft.fact.at = SystemClock().Now();
  draft.fact.subject = "healed app0-1 in staging";
  draft.fact.project = ProjectName("app0");
  draft.fact.environment = EnvironmentName("staging");
  draft.fact.release = ReleaseName("app0-1");
  draft.result = "success";
  return draft;
}

}  // namespace

void MeasureFacts(const std::filesystem::path& folder, long facts, long projects) {
  Check(facts >= kMeasured && facts % kMeasured == 0, "a multiple of 1,000 facts");
  ProcessRunner runner;
  const SigningKey key = SigningKey::Load(folder / "signing_key");
  const auto log = Open(folder, "written.git", runner, key);
  log->Fetch();
  log->TakeOver();
  log->Append({LongAgo()});
  ReleaseCatalogue catalogue;
  constexpr long kQueued = kQueue * kQueues;
  Write("first", *log, runner, catalogue, projects, {0, kMeasured});
  Write("first_queue", *log, runner, catalogue, projects, {kMeasured, kQueued, kQueue});
  const long told = kMeasured + kQueued;
  if (facts > told) {
    Write("between", *log, runner, catalogue, projects, {told, facts - told});
  }
  // Behind as many facts as were asked for.
  Write("last", *log, runner, catalogue, projects, {std::max(told, facts), kMeasured});
  Write("last_queue",
        *log,
        runner,
        catalogue,
        projects,
        {std::max(told, facts) + kMeasured, kQueued, kQueue});
  Tell("written_peak_mib", PeakResidentMiB());
  Tell("mirror_mib", FolderMiB(folder / "written.git"));
  Tell("remote_mib", FolderMiB(folder / "operations.git"));
  Read(*log, folder / "written.git");
  ReadByIndex(*log, folder);
  Tell("read_peak_mib", PeakResidentMiB());
  const auto start = [&](const char* mirror) {
    const auto again = Open(folder, mirror, runner, key);
    Check(again->Fetch() == LogStanding::kOurs, "the log is ours");
    again->TakeOver();
  };
  Tell("start_ms", Time([&] { start("written.git"); }));
  Tell("start_empty_ms", Time([&] { start("again.git"); }));
  Tell("peak_mib", PeakResidentMiB());
}

}  // namespace failgate::scale
