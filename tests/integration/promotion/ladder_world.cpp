#include "tests/integration/promotion/ladder_world.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "controller/git/ssh_keygen.h"

namespace failgate {
namespace {

std::string ProjectFile(const std::filesystem::path& root, const std::string& environment) {
  return fmt::format(
      "deploy:\n"
      "  - name: app\n"
      "    directory: {{path: {}, artifacts: [app]}}\n"
      "drift: {{every: 1s, heal: true}}\n",
      (root / environment / "app").string());
}

std::map<std::string, std::string> LadderFiles(const std::filesystem::path& root,
                                               const SigningKey& key) {
  return {{"allowed_signers", "controller " + key.PublicLine() + "\n"},
          {"environments/dev/environment.yaml",
           "policy: deployment\ngates:\n  tests: {levels: [unit]}\n"},
          {"environments/recette/environment.yaml",
           "after: dev\npolicy: deployment\ngates:\n  tests: {levels: [unit, functional]}\n"
           "  coverage: {lines: 80}\n"},
          {"environments/prod/environment.yaml",
           "after: recette\npolicy: delivery\ngates:\n  tests: {levels: [unit, functional]}\n"
           "  approvals: {count: 2, from: [alice@example.com, bob@example.com, carol@example.com], "
           "not: [author, requester]}\n"},
          {"environments/dev/app.yaml", ProjectFile(root, "dev")},
          {"environments/recette/app.yaml", ProjectFile(root, "recette")},
          {"environments/prod/app.yaml", ProjectFile(root, "prod")}};
}

}  // namespace

/// Everything that a process holds.
struct LadderWorld::Controller {
  Controller(LadderWorld& world, int life)
      : database(world.folder.path() / "failgate.db", DatabaseUser::kServer, world.clock),
        runs(database, world.clock),
        requests(database, world.clock),
        tokens(database, world.clock),
        deployments(database, world.clock),
        artifacts(world.folder.path() / "artifacts"),
        runner(processes, LocalRunner::Options{}),
        directory(artifacts,
                  runner,
                  VersionedDirectory::Options{
                      {world.folder.path() / "srv"}, world.folder.path() / "workspaces", {}}),
        reconciler(directory, deployments, Reconciler::Options{}, world.clock, world.checks),
        keys(world.folder.path() / "key"),
        trust(world.owners.empty() ? nullptr
                                   : std::make_unique<PolicyTrust>(world.owners, processes)),
        log(
            LogOptions(world, life),
            [this, &world] { return Remote(processes, Config(world)); },
            keys.key(),
            world.clock),
        promoter(Promoter::Parts{log,
                                 keys.key(),
                                 runs,
                                 requests,
                                 reconciler,
                                 world.clock,
                                 {{SourceName("app"), world.source.origin().string()}},
                                 world.delivery_name,
                                 &keys,
                                 &prover,
                                 trust.get(),
                                 world.checks,
                                 &tokens,
                                 nullptr,
                                 world.comparisons},
                 Bounds(world)) {
    promoter.OnAnswered(
        [&world](const std::string& id, const std::string& answer) { world.answers[id] = answer; });
  }

  static RemoteConfig Config(LadderWorld& world) {
    RemoteConfig config;
    config.url = world.operations.origin().string();
    config.home = world.folder.path() / "git-home";
    return config;
  }
  static DeployLog::Options LogOptions(LadderWorld& world, int life) {
    DeployLog::Options options;
    options.repository = world.folder.path() / "operations-mirror.git";
    options.controller = "main";
    options.instance = std::to_string(life);
    options.host = "testhost";
    return options;
  }
  static PromotionBounds Bounds(LadderWorld& world) {
    PromotionBounds bounds;
    bounds.targets = {"directory"};
    bounds.directory_roots = {world.folder.path() / "srv"};
    bounds.sources = {{ProjectName("app"), SourceName("app")}};
    bounds.mirrors = world.folder.path();
    return bounds;
  }

  ProcessRunner processes;
  SshKeygen prover{processes};
  Database database;
  RunStore runs;
  RequestStore requests;
  TokenStore tokens;
  DeploymentStore deployments;
  ArtifactStore artifacts;
  LocalRunner runner;
  VersionedDirectory directory;
  Reconciler reconciler;
  KeyKeeper keys;
  std::unique_ptr<PolicyTrust> trust;
  DeployLog log;
  Promoter promoter;
};

LadderWorld::LadderWorld()
    : operations(folder.path(), "operations"),
      source(folder.path(), "app"),
      key(SigningKey::Generate(folder.path() / "key", "controller")) {
  CreateFolders(folder.path() / "srv");
  operations.Commit(LadderFiles(folder.path() / "srv", key), "Lay the ladder");
  operations.Push();
  Restart();
}

LadderWorld::~LadderWorld() = default;

void LadderWorld::Restart(bool lose_database) {
  controller_.reset();
  if (lose_database) {
    for (const char* suffix : {"", "-wal", "-shm"}) {
      std::filesystem::remove(folder.path() / (std::string("failgate.db") + suffix));
    }
  }
  controller_ = std::make_unique<Controller>(*this, ++life_);
}

void LadderWorld::PassRun(const Proof& proof, const std::string& author) {
  const std::string revision =
      source.Commit({{"app.txt", proof.content}}, "Change to " + proof.content, author);
  source.Push();
  PassRunOf(revision, proof, "");
}

void LadderWorld::PassHeadAgain(const Proof& proof) {
  const Repository repository = Repository::Open(source.origin());
  PassRunOf(repository.Ref("refs/heads/main")->text(), proof, "again");
}

void LadderWorld::PassRunOf(const std::string& revision,
                            const Proof& proof,
                            const std::string& again) {
  const auto stored = controller_->artifacts.Put(source.clone(), "app.txt");
  NewRun run;
  run.project = ProjectName("app");
  run.source = SourceName("app");
  run.ref = "refs/heads/main";
  run.revision = CommitId(revision);
  run.trigger = RunTrigger::kCode;
  run.training = "full";
  run.deliveries = {"delivery"};
  run.again_nonce = again;
  const auto created = controller_->runs.Create(run);
  RunResult result;
  result.evidence.tests["unit"].passed = proof.unit;
  result.evidence.tests["functional"].passed = proof.functional;
  result.evidence.coverage = CoverageFigures{proof.lines_covered, 100, 0, 0};
  if (!proof.metrics.empty()) {
    result.evidence.metrics = proof.metrics;
    result.evidence.measured.push_back({"train", proof.metrics, ReleaseName(proof.champion)});
  }
  ArtifactRecord artifact;
  artifact.name = "app";
  artifact.sha256 = stored->bytes.sha256;
  artifact.size = stored->size;
  artifact.base_name = stored->base_name;
  artifact.contents = stored->contents;
  artifact.origin_run = created.id;
  result.artifacts.push_back(artifact);
  controller_->runs.Start(created.id);
  controller_->runs.Finish(
      created.id, RunState::kSucceeded, "", RunResultToJson(result), ReleaseState::kOwed);
}

void LadderWorld::Pass() {
  controller_->promoter.Step();
}

void LadderWorld::Turn() {
  std::optional<CommitId> before;
  do {
    before = controller_->log.LogHead();
    clock.Advance(std::chrono::seconds(2));
    controller_->promoter.Step();
    controller_->reconciler.StepForTest();
    controller_->promoter.Step();
  } while (controller_->log.LogHead() != before || !controller_->reconciler.Results().empty());
}

std::string LadderWorld::Ask(const std::string& kind,
                             const std::string& environment,
                             const std::string& release,
                             const std::string& email,
                             Role role,
                             const std::string& reason,
                             const std::string& options) {
  const std::string id = Queue(kind, environment, release, email, role, reason, options);
  Turn();
  return answers[id];
}

std::string LadderWorld::Queue(const std::string& kind,
                               const std::string& environment,
                               const std::string& release,
                               const std::string& email,
                               Role role,
                               const std::string& reason,
                               const std::string& options) {
  Request request;
  request.kind = kind;
  request.project = ProjectName("app");
  request.environment = EnvironmentName(environment);
  request.release = ReleaseName(release);
  request.person = Person{"", email};
  request.role = role;
  request.reason = reason;
  request.options_json = options;
  return controller_->requests.Add(request);
}

std::shared_ptr<const PromotionSnapshot> LadderWorld::Snapshot() const {
  return controller_->promoter.Snapshot();
}

bool LadderWorld::IsDue() const {
  return controller_->promoter.IsDue(clock.Now());
}

StatusRow LadderWorld::Status(const std::string& environment) {
  for (const StatusRow& row : StatusOf(*controller_->promoter.Snapshot(), ProjectName())) {
    if (row.environment.text() == environment) {
      return row;
    }
  }
  return {};
}

WhyAnswer LadderWorld::Why(const std::string& environment) {
  return WhyOf(*controller_->promoter.Snapshot(),
               {EnvironmentName(environment), ProjectName("app")})
      .value_or(WhyAnswer{});
}

std::vector<std::string> LadderWorld::Facts(const std::string& environment) {
  const Repository origin = Repository::Open(operations.origin());
  LogFilter filter;
  filter.environment = EnvironmentName(environment);
  filter.limit = 1000;
  std::vector<std::string> facts;
  for (const LogEntry& entry : ReadHistory(origin, *origin.Ref(kDeployLogRef), filter)) {
    facts.push_back(FactWord(entry.written.fact.kind) + " " + entry.written.fact.release.text());
  }
  std::reverse(facts.begin(), facts.end());
  return facts;
}

std::string LadderWorld::Live(const std::string& environment) const {
  return ReadFileIfPresent(folder.path() / "srv" / environment / "app" / "app.txt").value_or("");
}

AuditReport LadderWorld::Audit() {
  const Repository origin = Repository::Open(operations.origin());
  const auto allowed = AllowedSigners::Parse("controller " + key.PublicLine() + "\n");
  return VerifyLog(origin, origin.Ref(kDeployLogRef), *allowed, std::nullopt);
}

void LadderWorld::ExpectProven() {
  const AuditReport report = Audit();
  EXPECT_TRUE(report.ok()) << (report.problems.empty() ? "" : report.problems[0].text);
}

TokenStore& LadderWorld::Tokens() const {
  return controller_->tokens;
}

RunStore& LadderWorld::Runs() const {
  return controller_->runs;
}

void LadderWorld::EditMain(const std::map<std::string, std::string>& files,
                           const std::string& message) {
  PushMain(files, message);
  Turn();
}

void LadderWorld::PushMain(const std::map<std::string, std::string>& files,
                           const std::string& message) {
  operations.Pull();
  operations.Commit(files, message, "Hand Made <hand@example.com>");
  operations.Push();
}

}  // namespace failgate
