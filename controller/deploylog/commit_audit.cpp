#include "controller/deploylog/commit_audit.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>

#include "controller/base/digest.h"
#include "controller/base/text.h"
#include "controller/deploylog/data_authors.h"
#include "controller/deploylog/environment_files.h"
#include "controller/deploylog/key_chain.h"
#include "controller/deploylog/log_tree.h"
#include "controller/deploylog/people_facts.h"
#include "controller/deploylog/state_audit.h"
#include "controller/deploylog/unknown_author.h"
#include "controller/git/signing_key.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxChanges = 1000;
constexpr std::size_t kMaxBytes = std::size_t{64} << 20U;
constexpr std::size_t kMaxSignersBytes = std::size_t{1} << 20U;
constexpr std::size_t kKeptStates = 256;
constexpr const char* kAllowedSigners = "allowed_signers";

bool StartsWith(const std::string& text, const std::string& prefix) {
  return text.compare(0, prefix.size(), prefix) == 0;
}

std::string WithoutItsNumber(const std::string& message) {
  const std::size_t begin = message.find("\nSequence: ");
  const std::size_t end = begin == std::string::npos ? begin : message.find('\n', begin + 1);
  return end == std::string::npos ? message : message.substr(0, begin) + message.substr(end);
}

}  // namespace

void CommitAuditor::Add(AuditKind kind, std::string text) {
  found_.findings.push_back(AuditFinding{kind, std::move(text)});
}

ExaminedCommit CommitAuditor::Examine(const std::optional<CommitId>& previous, const CommitId& id) {
  previous_ = previous;
  id_ = id;
  found_ = ExaminedCommit{};
  ends_.clear();
  const CommitInfo commit = repository_.ReadCommit(id);
  found_.id = id;
  found_.parents = commit.parents.size();
  found_.author = commit.author;
  found_.committer = commit.committer;
  found_.committer_time = commit.committer_time;
  found_.saying = Sha256Hex(WithoutItsNumber(commit.message));
  found_.signature = VerifySignature(
      commit.signature, commit.signed_payload, kGitNamespace, controllers_, commit.committer_time);
  auto written = ParseFactMessage(commit.message);
  if (!written) {
    Add(AuditKind::kRewritten, written.error().text);
    return std::move(found_);
  }
  found_.written = std::move(*written);
  const WrittenFact& fact = *found_.written;
  if (FormatTime(fact.fact.at) != FormatTime(commit.author_time)) {
    Add(AuditKind::kDate, "the author date is not the time the fact names");
  }
  try {
    CheckTree(fact);
    CheckStateFile(fact);
    CheckRecord(fact);
  } catch (const Error& error) {
    if (error.remedy() == Remedy::kRetry) {
      throw;
    }
    Add(AuditKind::kRewritten, error.what());  // a tree that somebody made, not the disk
  }
  return std::move(found_);
}

void CommitAuditor::CheckTree(const WrittenFact& written) {
  const auto changes = ChangedPaths(repository_, previous_, id_, kMaxChanges);
  const std::string about = PathAbout(written.fact);
  const auto decision = DecisionPath(written.Value("Decision").value_or(""));
  const bool releases = written.fact.kind == FactKind::kReleased;
  const std::string record = RecordPath(written.fact.project, written.fact.release);
  bool touched = false;
  bool recorded = false;
  for (const ChangedPath& change : changes.paths) {
    const bool added = change.kind == ChangeKind::kAdded;
    if (change.path == about && change.kind != ChangeKind::kDeleted) {
      touched = true;
    } else if (releases && added && change.path == record) {
      recorded = true;
    } else if (StartsWith(change.path, "releases/")) {
      Add(AuditKind::kRecord, fmt::format("it changes the record {}", OneLine(change.path)));
    } else if (StartsWith(change.path, "decisions/") && (!added || change.path != decision)) {
      Add(AuditKind::kDecision,
          added ? fmt::format("no fact names the decision {}", OneLine(change.path))
                : fmt::format("it changes the decision {}", OneLine(change.path)));
    } else if (change.path == decision) {
      found_.attested += decisions_.Recompute(id_, *decision, found_.findings);
    } else if (!TakeEnds(written.fact, change)) {
      Add(AuditKind::kRewritten,
          fmt::format("it changes {}, which its fact is not about", OneLine(change.path)));
    }
  }
  found_.attested += static_cast<std::size_t>(std::count_if(
      written.fact.trailers.begin(), written.fact.trailers.end(), [](const Trailer& trailer) {
        return trailer.first == "Check";
      }));
  if (!touched) {
    Add(AuditKind::kRewritten, fmt::format("it does not change {}", OneLine(about)));
  }
  if (releases && !recorded) {
    Add(AuditKind::kRecord, fmt::format("it does not add the record {}", OneLine(record)));
  }
  if (changes.truncated) {
    Add(AuditKind::kRewritten, "it changes a thousand files and more");
  }
}

bool CommitAuditor::TakeEnds(const Fact& fact, const ChangedPath& change) {
  const std::string folder = EndsFolder(fact.environment, fact.project) + "/";
  if (fact.environment.empty() || !StartsWith(change.path, folder)) {
    return false;
  }
  const auto release = ReleaseOfEndsFile(change.path.substr(folder.size()));
  if (!release) {
    return false;
  }
  if (change.kind == ChangeKind::kDeleted) {
    ends_[*release] = std::nullopt;
  } else {
    // What is no regular file reads as one that nobody would write.
    ends_[*release] = repository_.ReadFile(id_, change.path, kMaxBytes).value_or("");
  }
  return true;
}

std::optional<std::string> CommitAuditor::Before(const std::string& path) const {
  return previous_ ? repository_.ReadFile(*previous_, path, kMaxBytes) : std::nullopt;
}

void CommitAuditor::CheckStateFile(const WrittenFact& written) {
  const DecisionRecord* decision = decisions_.Check(id_, written, found_.findings);
  const std::string path = PathAbout(written.fact);
  const auto text = repository_.ReadFile(id_, path, kMaxBytes);
  if (!text) {
    return Add(AuditKind::kRewritten, fmt::format("there is no {}", OneLine(path)));
  }
  if (!written.fact.environment.empty()) {
    return CheckEnvironment(written, path, *text, decision);
  }
  if (path == kPeoplePath) {
    return CheckPeople(written, *text);
  }
  if (written.fact.project.empty()) {
    return CheckController(written, *text);
  }
  const auto before_text = Before(path);
  const auto before =
      before_text ? ReadProjectState(*before_text) : Result<ProjectState>(ProjectState{});
  const auto after = ReadProjectState(*text);
  if (!before || !after) {
    return Add(AuditKind::kRewritten, (after ? before : after).error().text);
  }
  for (AuditFinding& finding : CheckState(*before, *text, written)) {
    found_.findings.push_back(std::move(finding));
  }
  if (written.fact.kind == FactKind::kSuperseded) {
    for (AuditFinding& finding :
         CheckDataAuthors(written, WatchesOf(written.fact.project, before->releases))) {
      found_.findings.push_back(std::move(finding));
    }
  }
}

std::vector<std::string> CommitAuditor::WatchesOf(const ProjectName& project, long number) const {
  const auto text = number > 0 ? Before(RecordPath(project, MakeReleaseName(project, number)))
                               : std::optional<std::string>();
  const auto record = nlohmann::json::parse(text.value_or(""), nullptr, false);
  std::vector<std::string> watches;
  if (record.is_object() && record.contains("watched")) {
    for (const auto& name : record["watched"]) {
      if (name.is_string()) {
        watches.push_back(name.get<std::string>());
      }
    }
  }
  return watches;
}

EnvironmentState CommitAuditor::EnvironmentBefore(const Fact& fact, const std::string& path) {
  const auto file = previous_ ? repository_.BlobId(*previous_, path) : std::nullopt;
  if (!file) {
    return {};
  }
  const auto ends = repository_.TreeId(*previous_, EndsFolder(fact.environment, fact.project));
  const auto known = states_.find(path);
  if (known != states_.end() && known->second.file == *file && known->second.ends == ends) {
    return std::move(known->second.state);
  }
  return ReadEnvironment(repository_, *previous_, fact.environment, fact.project)
      .value_or(EnvironmentState{});
}

std::optional<std::vector<HistoryEntry>> CommitAuditor::EndsBesideNow(
    const EnvironmentState& before) const {
  std::vector<HistoryEntry> history;
  if (!before.ends_inside) {
    std::copy_if(before.history.begin(),
                 before.history.end(),
                 std::back_inserter(history),
                 [this](const HistoryEntry& entry) { return ends_.count(entry.release) == 0; });
  }
  for (const auto& file : ends_) {
    if (!file.second) {
      continue;
    }
    auto ends = ReadEnds(file.first, *file.second);
    if (!ends) {
      return std::nullopt;
    }
    history.insert(history.end(), ends->begin(), ends->end());
  }
  SortEnds(history);
  return history;
}

void CommitAuditor::CheckEnvironment(const WrittenFact& written,
                                     const std::string& path,
                                     const std::string& text,
                                     const DecisionRecord* decision) {
  auto after = ReadEnvironmentState(text);
  if (!after) {
    return Add(AuditKind::kRewritten, after.error().text);
  }
  const EnvironmentState before = EnvironmentBefore(written.fact, path);
  states_.erase(path);
  auto beside = EndsBesideNow(before);
  if (!after->ends_inside && beside) {
    after->history = std::move(*beside);
  }
  for (AuditFinding& finding : CheckState(before, *after, text, ends_, written, decision)) {
    found_.findings.push_back(std::move(finding));
  }
  if (states_.size() >= kKeptStates) {
    states_.clear();
  }
  if (beside) {
    states_[path] = {
        Repository::HashBlob(text),
        repository_.TreeId(id_, EndsFolder(written.fact.environment, written.fact.project)),
        std::move(*after)};
  }
}

void CommitAuditor::CheckPeople(const WrittenFact& written, const std::string& text) {
  const auto before_text = Before(kPeoplePath);
  const auto before =
      before_text ? ReadPeopleState(*before_text) : Result<PeopleState>(PeopleState{});
  if (!before) {
    return Add(AuditKind::kRewritten, before.error().text);
  }
  for (AuditFinding& finding : CheckState(*before, text, written)) {
    found_.findings.push_back(std::move(finding));
  }
}

void CommitAuditor::CheckController(const WrittenFact& written, const std::string& text) {
  const auto before_text = Before(kControllerPath);
  const auto before =
      before_text ? ReadControllerState(*before_text) : Result<ControllerState>(ControllerState{});
  const auto after = ReadControllerState(text);
  if (!before || !after) {
    return Add(AuditKind::kRewritten, (after ? before : after).error().text);
  }
  for (AuditFinding& finding :
       CheckState(*before, *after, text, written, found_.signature.fingerprint)) {
    found_.findings.push_back(std::move(finding));
  }
  const auto rotation = ReadKeyRotation(written);
  if (written.fact.kind != FactKind::kKeyRotated || !rotation || !rotation->lost) {
    return;
  }
  const auto file = IsObjectId(rotation->main.text()) && repository_.HasCommit(rotation->main)
                        ? repository_.ReadFile(rotation->main, kAllowedSigners, kMaxSignersBytes)
                        : std::nullopt;
  const auto allowed = AllowedSigners::Parse(file.value_or(""));
  if (!allowed || allowed->Find(rotation->new_signer).empty()) {
    Add(AuditKind::kForeignKey,
        fmt::format("the commit of main that it names does not allow the key {}",
                    OneLine(rotation->new_key, 100)));
  }
}

void CommitAuditor::CheckRecord(const WrittenFact& written) {
  const auto told = written.Value("Record");
  const bool must = written.fact.kind == FactKind::kReleased;
  if (!must && (!told || written.fact.release.empty())) {
    return;
  }
  const auto digest = decisions_.RecordDigest(id_, written.fact.project, written.fact.release);
  if (!digest || told != *digest) {
    Add(AuditKind::kRecord,
        fmt::format("the record of {} is not the one the fact names",
                    OneLine(written.fact.release.text(), 80)));
  }
  if (must) {
    CheckAuthors(written);
  }
}

void CommitAuditor::CheckAuthors(const WrittenFact& written) {
  const std::string path = RecordPath(written.fact.project, written.fact.release);
  const auto text = repository_.ReadFile(id_, path, kMaxBytes);
  const auto record = nlohmann::json::parse(text.value_or(""), nullptr, false);
  const bool watched = record.is_object() && record.contains("watched");
  const auto& trailers = written.fact.trailers;
  const bool told =
      std::find(trailers.begin(), trailers.end(), Trailer("Authored-by", kUnknownAuthor)) !=
      trailers.end();
  if (watched != told) {
    Add(AuditKind::kRecord,
        watched ? "its data has no known author, and the fact does not say so"
                : "it says that its data has no known author, and the record names no watch");
  }
}

}  // namespace failgate
