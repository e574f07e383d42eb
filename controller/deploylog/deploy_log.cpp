#include "controller/deploylog/deploy_log.h"

#include <fmt/format.h>

#include <algorithm>

#include "controller/base/fail_point.h"
#include "controller/base/log.h"
#include "controller/deploylog/key_rotation.h"
#include "controller/deploylog/log_trust.h"
#include "controller/git/leftovers.h"

namespace failgate {
namespace {

constexpr int kMaxPushAttempts = 5;
/// Fetches and writings until the repository is opened anew; see CountUse.
constexpr int kUsesOfHandle = 8;
constexpr std::size_t kMaxSignersBytes = std::size_t{1} << 20U;
constexpr const char* kAllowedSigners = "allowed_signers";
constexpr const char* kRemoteLogRef = "refs/remotes/origin/deploy-log";
constexpr const char* kRemoteMainRef = "refs/remotes/origin/main";

Repository OpenOrInit(const std::filesystem::path& path) {
  RemoveGitLeftovers(path);
  RemoveTornRefs(path);
  return std::filesystem::exists(path / "HEAD") ? Repository::Open(path)
                                                : Repository::InitBare(path);
}

Error MovedByOthers(const std::string& ref) {
  return Error(Remedy::kRetry, fmt::format("updating {}: another process changed it", ref));
}

/// Trailers named so that an author cannot write them are ours alone; see FormatFactMessage.
long SequenceOf(const Repository& repository, const std::optional<CommitId>& head) {
  if (!head) {
    return 0;
  }
  const auto written = ParseFactMessage(repository.ReadCommit(*head).message);
  if (!written) {
    throw Error(Remedy::kNeedsChange,
                fmt::format("reading deploy-log {}: {}", head->text(), written.error().text));
  }
  return written->sequence;
}

}  // namespace

DeployLog::DeployLog(Options options, MakeRemote remote, const SigningKey& key, const Clock& clock)
    : options_(std::move(options)),
      remote_(std::move(remote)),
      key_(key),
      clock_(clock),
      repository_(OpenOrInit(options_.repository)),
      accepted_log_(options_.repository, kAcceptedLogRef) {}

Person DeployLog::Identity() const {
  return Person{"failgate " + options_.controller, options_.controller + "@failgate.invalid"};
}

std::optional<CommitId> DeployLog::LogHead() const {
  return repository_.Ref(kAcceptedLogRef);
}
std::optional<CommitId> DeployLog::MainHead() const {
  return repository_.Ref(kAcceptedMainRef);
}

void DeployLog::Stop(LogStanding standing, std::string why) {
  standing_ = standing;
  if (trouble_ != why) {
    trouble_ = std::move(why);
    log::Error(trouble_);
  }
}

void DeployLog::Accept(const std::string& ref,
                       const std::optional<CommitId>& from,
                       const CommitId& to) {
  if (from != to && !repository_.SetRef(ref, to, from)) {
    throw MovedByOthers(ref);
  }
}

/// For each pack it ever read libgit2 keeps up to 16 MiB of what deltas lean on, also for packs
/// that are gone since; each writing makes a pack.
void DeployLog::Renew() {
  repository_ = Repository::Open(options_.repository);
  uses_ = 0;
}

void DeployLog::CountUse() {
  if (++uses_ >= kUsesOfHandle) {
    Renew();
  }
}

LogStanding DeployLog::Fetch() {
  CountUse();
  try {
    remote_().Fetch(
        options_.repository, {"+refs/heads/*:refs/remotes/origin/*"}, options_.deadline);
  } catch (const Error&) {
    RemoveGitLeftovers(options_.repository);  // a fetch that was cut off must not lock out the next
    throw;
  }
  if (standing_ != LogStanding::kFenced) {
    // A branch that was put back is ours again; what another instance took over never is.
    standing_ = LogStanding::kOurs;
    rewritten_.reset();
    if (AcceptLog(repository_.Ref(kRemoteLogRef))) {
      AcceptMain(repository_.Ref(kRemoteMainRef));
    }
  }
  if (standing_ == LogStanding::kOurs) {
    trouble_.clear();
  }
  return standing_;
}

bool DeployLog::AcceptLog(const std::optional<CommitId>& theirs) {
  const auto ours = LogHead();
  if (ours == theirs) {
    return true;
  }
  if (!theirs || (ours && !repository_.IsAncestor(*ours, *theirs))) {
    StopRewritten("deploy-log", *ours, theirs);
    return false;
  }
  const auto controller = LogTree(repository_, theirs).Controller();
  if (taken_over_ && controller && controller->instance != options_.instance) {
    Stop(LogStanding::kFenced,
         fmt::format("another instance of {} works on this log since {} (host {}); this one stops",
                     controller->name,
                     FormatTime(controller->since),
                     controller->host));
    return false;
  }
  if (!IsTrustedWriting(ours, *theirs)) {
    Stop(LogStanding::kRewritten,
         fmt::format(
             "somebody else wrote to the branch deploy-log ({}); examine it and push {} over it",
             theirs->text(),
             ours ? ours->text() : std::string("its last good state")));
    return false;
  }
  Accept(kAcceptedLogRef, ours, *theirs);
  return true;
}

/// Every commit that is new carries a signature of the key in force, from the one that main allows
/// (or ours) through every rotation: a forged log must not become true by a restart.
bool DeployLog::IsTrustedWriting(const std::optional<CommitId>& from, const CommitId& to) {
  std::string signers = "log " + key_.PublicLine() + "\n";
  const auto main = taken_over_
                        ? std::nullopt
                        : SignersCommit(MainHead() ? MainHead() : repository_.Ref(kRemoteMainRef));
  if (main) {
    signers += repository_.ReadFile(*main, kAllowedSigners, kMaxSignersBytes).value_or("");
  }
  auto allowed = AllowedSigners::Parse(signers);
  if (!allowed) {
    allowed = AllowedSigners::Parse("log " + key_.PublicLine() + "\n");
  }
  return failgate::IsTrustedWriting(options_.repository, from, to, std::move(*allowed));
}

void DeployLog::AcceptMain(const std::optional<CommitId>& theirs) {
  const auto ours = MainHead();
  if (ours == theirs) {
    return;
  }
  if (ours && (!theirs || !repository_.IsAncestor(*ours, *theirs))) {
    StopRewritten("main", *ours, theirs);
    return;
  }
  if (!theirs) {
    return;  // the promoter says that there is none
  }
  Accept(kAcceptedMainRef, ours, *theirs);
}

std::optional<std::string> DeployLog::WhyNotOurs() {
  const auto current = LogTree(repository_, LogHead()).Controller();
  if (!current || current->name == options_.controller) {
    return std::nullopt;
  }
  return fmt::format(
      "the deploy log belongs to the controller \"{}\", not to \"{}\": use its name in the server "
      "file, or another operations repository",
      current->name,
      options_.controller);
}

void DeployLog::SignIn(ControllerState& state, TimePoint since) const {
  state.name = options_.controller;
  state.instance = options_.instance;
  state.since = since;
  state.host = options_.host;
  state.key = key_.Fingerprint();
}

std::optional<FactDraft> DeployLog::KeyReplacement(TimePoint at) const {
  return ReplacementDraft(repository_, LogHead(), SignersCommit(MainHead()), key_, at);
}

std::optional<CommitId> DeployLog::SignersCommit(const std::optional<CommitId>& main) const {
  return main && signers_at_ ? signers_at_(*main) : main;
}

void DeployLog::TakeOver() {
  if (const auto foreign = WhyNotOurs()) {
    throw Error(Remedy::kNeedsChange, *foreign);
  }
  FactDraft draft;
  draft.fact.kind = FactKind::kStarted;
  draft.fact.at = clock_.Now();
  draft.fact.subject = fmt::format("started {} on {}", options_.controller, options_.host);
  draft.fact.Add("Instance", options_.instance);
  draft.fact.Add("Host", options_.host);
  draft.change = [this](LogEdit& edit) {
    // A push whose answer was lost may have told it already.
    const bool is_new = edit.controller->instance != options_.instance;
    SignIn(*edit.controller, edit.fact.at);
    return is_new;
  };
  std::vector<FactDraft> drafts{draft};
  if (auto replaced = KeyReplacement(draft.fact.at)) {
    drafts.insert(drafts.begin(), std::move(*replaced));
  }
  Append(drafts);
  taken_over_ = true;
}

bool DeployLog::DraftOne(
    const FactDraft& draft, Fact fact, LogTree& tree, long sequence, Drafted& into) {
  LogEdit edit{fact, tree};
  EnvironmentState environment;
  ProjectState project;
  ControllerState controller;
  PeopleState people;
  const LastFact last{FactWord(fact.kind), draft.result, fact.at};
  if (!fact.environment.empty()) {
    environment = tree.Environment(fact.environment, fact.project);
    edit.environment = &environment;
  } else if (!fact.project.empty()) {
    project = tree.Project(fact.project);
    edit.project = &project;
  } else if (fact.kind == FactKind::kTokenChanged) {
    people = tree.People();
    edit.people = &people;
  } else {
    controller = tree.Controller().value_or(ControllerState{});
    edit.controller = &controller;
  }
  if (draft.change && !draft.change(edit)) {
    static_cast<void>(tree.TakeEdits());
    return false;
  }
  if (!draft.result.empty()) {
    fact.Add("Result", draft.result);
  }
  if (edit.environment != nullptr) {
    environment.sequence = sequence;
    environment.last = last;
    tree.PutEnvironment(fact.environment, fact.project, std::move(environment));
  } else if (edit.project != nullptr) {
    project.sequence = sequence;
    project.last = last;
    tree.Put(ProjectPath(fact.project), WriteJson(project));
  } else if (edit.people != nullptr) {
    people.sequence = sequence;
    tree.Put(kPeoplePath, WriteJson(people));
  } else {
    controller.sequence = sequence;
    tree.Put(kControllerPath, WriteJson(controller));
  }
  CommitDraft commit;
  commit.edits = tree.TakeEdits();
  commit.author = Identity();
  commit.author_time = fact.at;
  commit.committer = Identity();
  commit.message = FormatFactMessage(fact, sequence);
  into.commits.push_back(std::move(commit));
  return true;
}

DeployLog::Drafted DeployLog::Draft(const std::vector<FactDraft>& drafts,
                                    const std::optional<CommitId>& base) {
  LogTree tree(repository_, base);
  tree.Know(memory_.Take(base));
  Drafted drafted;
  long sequence = SequenceOf(repository_, base);
  // Committer dates never go back, whatever the machine's clock does.
  TimePoint written_at = clock_.Now();
  TimePoint told{};
  if (base) {
    told = repository_.ReadCommit(*base).committer_time;
    written_at = std::max(written_at, told);
  }
  for (const FactDraft& draft : drafts) {
    Fact fact = draft.fact;
    if (MayRepeat(fact.kind)) {
      // With an earlier time it could say what an earlier one said, as if that were put on again.
      fact.at = std::max(fact.at, told);
    }
    told = std::max(told, fact.at);
    const bool written = DraftOne(draft, std::move(fact), tree, sequence + 1, drafted);
    drafted.written.push_back(written);
    if (written) {
      drafted.commits.back().committer_time = written_at;
      ++sequence;
    }
  }
  drafted.used = tree.TakeUsed();
  drafted.others = tree.TakeUnused();
  return drafted;
}

void DeployLog::Remember(const std::optional<CommitId>& head, Drafted& drafted) {
  if (head) {
    memory_.Keep(*head, std::move(drafted.used), std::move(drafted.others));
  }
}

std::vector<std::optional<CommitId>> DeployLog::Append(const std::vector<FactDraft>& drafts) {
  CountUse();
  std::string lost;
  for (int attempt = 1; attempt <= kMaxPushAttempts; ++attempt) {
    if (standing_ != LogStanding::kOurs) {
      throw Error(Remedy::kNeedsChange, trouble_);
    }
    std::vector<std::optional<CommitId>> ids(drafts.size());
    if (drafts.empty()) {
      return ids;
    }
    const auto base = LogHead();
    Drafted drafted;
    std::optional<CommitChain> chain;
    const auto make = [&]() -> std::optional<PushOffer> {
      drafted = Draft(drafts, base);
      if (drafted.commits.empty()) {
        return std::nullopt;
      }
      chain.emplace(DraftCommits(repository_, base, drafted.commits, &key_, &folders_));
      FailPoint("log-drafted");
      return PushOffer{chain->commits().back(), {chain->Pack(), [&] { chain->Store(); }}};
    };
    const auto pushed = remote_().PushMade(
        options_.repository, kDeployLogRef, base, options_.deadline, make, &standby_);
    if (!pushed) {
      Remember(base, drafted);
      return ids;
    }
    switch (pushed->outcome) {
      case PushOutcome::kPushed: {
        FailPoint("log-pushed");
        const std::vector<CommitId>& commits = chain->commits();
        // The remote has it: nobody waits for our disk to know so as well.
        if (!accepted_log_.Set(repository_, commits.back(), base)) {
          throw MovedByOthers(kAcceptedLogRef);
        }
        Remember(commits.back(), drafted);
        auto next = commits.begin();
        for (std::size_t i = 0; i < drafts.size(); ++i) {
          if (drafted.written[i]) {
            ids[i] = *next++;
          }
        }
        return ids;
      }
      case PushOutcome::kLostRace:
        lost = pushed->text;
        Fetch();
        break;
      case PushOutcome::kRefused:
        throw Error(Remedy::kNeedsChange,
                    fmt::format("writing to the branch deploy-log: {}", pushed->text));
    }
  }
  // Not always somebody else was quicker: the remote's words tell of a lock that nobody holds, too.
  throw Error(Remedy::kRetry,
              fmt::format("writing to the branch deploy-log: lost the race every time: {}", lost));
}

PushResult DeployLog::PushMain(CommitChain& chain, const std::optional<CommitId>& expected) {
  if (standing_ != LogStanding::kOurs) {
    throw Error(Remedy::kNeedsChange, trouble_);
  }
  const PushResult pushed = remote_().Push(options_.repository,
                                           chain.commits().back(),
                                           kMainRef,
                                           expected,
                                           options_.deadline,
                                           {chain.Pack(), [&chain] { chain.Store(); }});
  switch (pushed.outcome) {
    case PushOutcome::kPushed:
      Accept(kAcceptedMainRef, MainHead(), chain.commits().back());
      break;
    case PushOutcome::kLostRace:
      break;
    case PushOutcome::kRefused:
      throw Error(Remedy::kNeedsChange, fmt::format("writing to the branch main: {}", pushed.text));
  }
  return pushed;
}

}  // namespace failgate
