#include "tests/integration/api/api_world.h"

#include <stdexcept>
#include <thread>

#include "controller/base/digest.h"
#include "controller/deploylog/log_index.h"
#include "controller/deploylog/log_state.h"
#include "controller/git/commit_writer.h"
#include "controller/release/release_record.h"
#include "policies/decision_json.h"
#include "policies/git_blob.h"

namespace failgate {
namespace {

constexpr const char* kRung = "policy: delivery\ngates: none\n";
constexpr const char* kUpperRung = "after: dev\npolicy: delivery\ngates: none\n";
constexpr const char* kDeploy =
    "deploy:\n  - name: model\n    directory: {path: /srv/churn/model, artifacts: [model]}\n";

Inbox::Options InboxOptions(std::size_t max_queued_rows) {
  Inbox::Options options;
  options.max_queued_rows = max_queued_rows;
  return options;
}

ReleaseRecord RecordOf(long number, TimePoint now) {
  ReleaseRecord record;
  record.project = ProjectName("churn");
  record.name = MakeReleaseName(record.project, number);
  record.number = number;
  record.source = SourceName("churn");
  record.source_url = "https://github.example.com/ml/churn.git";
  record.revision = CommitId(std::string(40, number == 1 ? 'a' : 'b'));
  record.ref = "refs/heads/main";
  record.created = now;
  record.run = RunId("0193-run");
  record.trigger = "code";
  record.training = "full";
  ArtifactRecord model;
  model.name = "model";
  model.sha256 = std::string(64, number == 1 ? '1' : '2');
  model.size = 12;
  model.base_name = "model.joblib";
  model.origin_run = record.run;
  record.artifacts = {model};
  record.evidence.tests["unit"] = {3, 0, 0, 0};
  return record;
}

std::string DecisionBytes(TimePoint now) {
  DecisionRecord record;
  record.project = ProjectName("churn");
  record.environment = EnvironmentName("dev");
  record.release = ReleaseName("churn-1");
  record.record = "sha256:" + std::string(64, '3');
  record.time = now;
  record.policy = {{"environments/dev/environment.yaml", GitBlobId(kRung), kRung}};
  record.facts.project = record.project;
  record.facts.environment = record.environment;
  record.facts.release = record.release;
  record.facts.record = record.record;
  record.facts.now = now;
  record.facts.requested_via = "automatic";
  record.decision.outcome = Outcome::kPassed;
  return DecisionRecordToJson(record);
}

CommitDraft Draft(std::vector<TreeEdit> edits, const std::string& message, TimePoint now) {
  CommitDraft draft;
  draft.edits = std::move(edits);
  draft.author = {"Al", "al@example.com"};
  draft.author_time = now;
  draft.committer = draft.author;
  draft.committer_time = now;
  draft.message = message;
  return draft;
}

std::string FactText(FactKind kind, const std::string& release, long sequence, TimePoint now) {
  Fact fact;
  fact.kind = kind;
  fact.at = now;
  fact.subject = FactWord(kind) + " " + release;
  fact.project = ProjectName("churn");
  fact.release = ReleaseName(release);
  if (kind == FactKind::kDeployed) {
    fact.environment = EnvironmentName("dev");
  }
  return FormatFactMessage(fact, sequence);
}

SourceSettings SourceOf(const std::string& name, const std::string& host) {
  SourceSettings source;
  source.name = SourceName(name);
  source.url = "https://" + host + "/ml/" + name + ".git";
  source.projects = {ProjectName(name)};
  return source;
}

}  // namespace

std::string RawRequest(const std::string& method,
                       const std::string& path,
                       const HeaderFields& headers,
                       const std::string& body) {
  std::string raw = method + " " + path + " HTTP/1.1\r\nHost: test\r\nConnection: close\r\n";
  for (const auto& header : headers) {
    raw += header.first + ": " + header.second + "\r\n";
  }
  if (!body.empty() || method == "POST") {
    raw += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  }
  return raw + "\r\n" + body;
}

ApiWorld::ApiWorld(std::size_t max_queued_rows,
                   const std::vector<SourceSettings>& more_sources,
                   const IntakeLimits& limits,
                   const HttpServerOptions& http,
                   const std::vector<ImageSourceSettings>& images,
                   const std::optional<SonarServerSettings>& sonar,
                   const std::optional<MlflowSettings>& mlflow)
    : database(folder.path() / "failgate.db", DatabaseUser::kServer, clock),
      inbox(database, folder.path() / "bodies", InboxOptions(max_queued_rows), clock),
      runs(database, clock),
      steps(database, clock),
      tokens(database, clock),
      requests(database, clock),
      deployments(database, clock),
      image_tags(database, clock) {
  config.limits = limits;
  WriteConfig();
  config.sources.insert(config.sources.end(), more_sources.begin(), more_sources.end());
  config.images = images;
  config.sonar = sonar;
  config.mlflow = mlflow;
  WriteOperations();
  inbox.Start();
  ApiHandler::Options options;
  options.step_every = Milliseconds(5);
  handler = std::make_unique<ApiHandler>(Services(), options);
  server = std::make_unique<HttpServer>(http, *handler);
  handler->Start();
  server->Start();
}

ApiWorld::~ApiWorld() {
  server->Stop();
  handler->Stop();
  inbox.Stop();
}

void ApiWorld::WriteConfig() {
  const auto secret = [&](const std::string& name, const std::string& text) {
    WriteFileDurably(folder.path() / name, text + "\n", 0600);
    return SecretReference{"", folder.path() / name};
  };
  SourceSettings churn = SourceOf("churn", "github.com");
  churn.url = "https://github.com/acme/churn.git";
  churn.webhook =
      WebhookSettings{"github", {secret("current", kCanary), secret("former", kFormerSecret)}};
  SourceSettings risk = SourceOf("risk", "gitlab.example.com");
  risk.url = "https://gitlab.example.com/ml/churn.git";  // what the fixtures are about
  risk.webhook = WebhookSettings{"gitlab", {secret("risk", kRiskSecret)}};
  SourceSettings broken = SourceOf("broken", "github.com");
  broken.webhook = WebhookSettings{"github", {{"", folder.path() / "missing"}}};
  config.sources = {churn, risk, SourceOf("quiet", "github.com"), broken};
  config.operations.url = "https://gitlab.example.com/ml/operations.git";
  config.operations.webhook = WebhookSettings{"gitlab", {{"OPS_HOOK_SECRET", {}}}};
  config.limits.max_body_bytes = 1 << 20;
}

void ApiWorld::WriteOperations() {
  const auto path = folder.path() / "operations.git";
  Repository repository = Repository::InitBare(path);
  const CommitId main = WriteCommit(repository,
                                    std::nullopt,
                                    Draft({{"environments/dev/environment.yaml", kRung},
                                           {"environments/dev/churn.yaml", kDeploy},
                                           {"environments/prod/environment.yaml", kUpperRung},
                                           {"environments/prod/churn.yaml", kDeploy}},
                                          "Begin",
                                          clock.Now()),
                                    nullptr);
  const std::string bytes = DecisionBytes(clock.Now());
  decision = DecisionName(bytes);
  EnvironmentState dev;
  dev.sequence = 3;
  dev.running = ReleaseName("churn-1");
  dev.running_spec = "sha256:old";
  dev.since = clock.Now();
  dev.last = {"deployed", "success", clock.Now()};
  ProjectState project;
  project.sequence = 2;
  project.releases = 2;
  project.last = {"released", "", clock.Now()};
  const auto record = [&](long number) {
    return TreeEdit{RecordPath(ProjectName("churn"), MakeReleaseName(ProjectName("churn"), number)),
                    ReleaseRecordToJson(RecordOf(number, clock.Now()))};
  };
  const auto log = WriteCommits(
      repository,
      std::nullopt,
      {Draft({record(1)}, FactText(FactKind::kReleased, "churn-1", 1, clock.Now()), clock.Now()),
       Draft({record(2), {ProjectPath(ProjectName("churn")), WriteJson(project)}},
             FactText(FactKind::kReleased, "churn-2", 2, clock.Now()),
             clock.Now()),
       Draft({{EnvironmentPath(EnvironmentName("dev"), ProjectName("churn")), WriteJson(dev)},
              {*DecisionPath(decision), bytes}},
             FactText(FactKind::kDeployed, "churn-1", 3, clock.Now()),
             clock.Now())},
      nullptr);
  static_cast<void>(repository.SetRef(kMainRef, main, std::nullopt));
  static_cast<void>(repository.SetRef(kDeployLogRef, log.back(), std::nullopt));
  LogIndexer indexer(facts, path);
  while (indexer.Advance(log.back())) {
  }
  auto read = ReadClone(path, clock.Now());
  if (!read) {
    throw std::runtime_error(read.error().text);
  }
  *snapshot.Lock() = std::make_shared<const PromotionSnapshot>(std::move(*read));
}

ApiServices ApiWorld::Services() {
  ApiServices services{
      config,
      [](const std::string& name) {
        return name == "OPS_HOOK_SECRET" ? std::optional<std::string>(kOperationsSecret)
                                         : std::nullopt;
      },
      clock,
      database,
      inbox,
      runs,
      steps,
      tokens,
      requests,
      deployments,
      folder.path() / "operations.git",
      folder.path() / "logs",
      [this] { return *snapshot.Lock(); },
      [this] { return *trouble.Lock(); },
      [this] { return *stopped.Lock(); },
      [this] { ++asked.promoter; },
      [this](const SourceName& source) { asked.syncs.Lock()->push_back(source.text()); },
      [this](const RunWish& wish) -> Result<RunId> {
        if (wish.revision == std::string(40, '0')) {
          return Refusal{"not_found", "there is no such commit"};
        }
        if (wish.training == "degraded") {
          return Refusal{"no_training", "the pipeline trains nothing"};
        }
        asked.runs.Lock()->push_back(wish);
        return RunId("0193-new-run");
      },
      [this](const RunId& run) { asked.cancels.Lock()->push_back(run.text()); },
      [this] { ++asked.deliveries; },
      [] {
        return std::vector<ReadinessProblem>{
            {"runner", std::string("bwrap failed with ") + kCanary, false}};
      },
      [this] {
        return std::map<SourceName, SourceStanding>{
            {SourceName("churn"), {clock.Now(), std::string("fetch failed: ") + kCanary}}};
      },
      [this] { return server->statistics(); },
      [this](const SourceName& source) { return image_tags.All(source); }};
  services.checks = &checks;
  services.facts = &facts;
  return services;
}

RawAnswer ApiWorld::Send(const std::string& raw) {
  RawClient client(server->port(), false);
  client.Send(raw);
  return client.Answer().value_or(RawAnswer{});
}

RawClient ApiWorld::Begin(const std::string& method,
                          const std::string& path,
                          const std::string& token,
                          const std::string& body) {
  HeaderFields headers;
  if (!token.empty()) {
    headers.emplace_back("Authorization", "Bearer " + token);
  }
  if (!body.empty()) {
    headers.emplace_back("Content-Type", "application/json");
  }
  RawClient client(server->port(), false);
  client.Send(RawRequest(method, path, headers, body));
  return client;
}

RawAnswer ApiWorld::Call(const std::string& method,
                         const std::string& path,
                         const std::string& token,
                         const std::string& body) {
  return Begin(method, path, token, body).Answer().value_or(RawAnswer{});
}

RawAnswer ApiWorld::Get(const std::string& path, const std::string& token) {
  return Call("GET", path, token);
}

std::string ApiWorld::Token(Role role, const std::vector<std::string>& projects) {
  return tokens.Create({"Alice Martin", "alice@example.com"}, role, projects, {}).token.Reveal();
}

std::string ApiWorld::AnswerNextRequest(const std::string& json, RequestState state) {
  // As the promoter, which looks when it is woken.
  while (requests.Open().empty() || asked.promoter == 0) {
    std::this_thread::yield();
  }
  const std::string id = requests.Open().front().id;
  requests.Finish(id, state, json);
  handler->Answered(id, json);
  return id;
}

std::string ApiWorld::AddRun(const std::string& project, const std::string& reason) {
  NewRun run;
  run.project = ProjectName(project);
  run.source = SourceName(project);
  run.ref = "refs/heads/main";
  run.revision = CommitId(Sha256Hex(reason + project).substr(0, 40));
  run.reason = reason;
  run.steps = {{"unit", "unit"}};
  return runs.Create(run).id.text();
}

}  // namespace failgate
