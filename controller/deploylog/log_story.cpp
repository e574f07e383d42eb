#include "controller/deploylog/log_story.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>

#include "controller/base/text.h"

namespace failgate {
namespace {

AuditKind KindOf(KeyChain::Break kind) {
  switch (kind) {
    case KeyChain::Break::kUnsigned:
      return AuditKind::kUnsigned;
    case KeyChain::Break::kDamaged:
      return AuditKind::kRewritten;
    case KeyChain::Break::kForeign:
      return AuditKind::kForeignKey;
  }
  return AuditKind::kForeignKey;
}

/// Messages come from anywhere: their numbers may be the largest there are.
long Next(long number) {
  return number == std::numeric_limits<long>::max() ? number : number + 1;
}

/// The first half of a half of a SHA-256: enough to tell ten million sayings apart.
std::uint64_t Short(const std::string& hex) {
  constexpr std::size_t kDigits = 16;
  std::uint64_t number = 0;
  std::from_chars(hex.data(), hex.data() + std::min(kDigits, hex.size()), number, 16);
  return number;
}

}  // namespace

void LogStory::Add(AuditKind kind, std::string text) {
  findings_.push_back(AuditFinding{kind, std::move(text)});
}

void LogStory::Trust(const CommitInfo& commit,
                     const WrittenFact& written,
                     std::string writer,
                     RestartBefore restart_before) {
  first_ = false;
  restart_before_ = std::move(restart_before);
  sequence_ = written.sequence;
  written_ = commit.committer_time;
  controller_ = commit.committer;
  keys_.Trust(std::move(writer));
}

std::vector<AuditFinding> LogStory::Continue(const ExaminedCommit& commit) {
  findings_.clear();
  CheckPlace(commit);
  if (const auto problem =
          keys_.Follow(commit.signature, commit.written ? &*commit.written : nullptr)) {
    Add(KindOf(problem->kind), problem->text);
  }
  if (commit.written) {
    CheckSequence(*commit.written);
    CheckReplay(commit, *commit.written);
    CheckRestart(*commit.written);
  } else {
    sequence_ = Next(sequence_);
  }
  first_ = false;
  findings_.insert(findings_.end(), commit.findings.begin(), commit.findings.end());
  return std::move(findings_);
}

void LogStory::CheckPlace(const ExaminedCommit& commit) {
  // Only first parents are followed, so the one parent is the commit before.
  if (commit.parents != (first_ ? 0U : 1U)) {
    Add(AuditKind::kRewritten, fmt::format("it has {} parents", commit.parents));
  }
  if (written_ && commit.committer_time < *written_) {
    Add(AuditKind::kDate, "it was written before the commit that comes before it");
  }
  written_ = commit.committer_time;
  if (first_) {
    controller_ = commit.committer;
  }
  for (const Person* person : {&commit.author, &commit.committer}) {
    if (*person != controller_) {
      Add(AuditKind::kRewritten,
          fmt::format("it is in the name of {}, not of {}",
                      OneLine(FormatPerson(*person), 200),
                      OneLine(FormatPerson(controller_), 200)));
      break;
    }
  }
}

void LogStory::CheckSequence(const WrittenFact& written) {
  if (written.sequence != Next(sequence_)) {
    Add(AuditKind::kSequence,
        fmt::format("it is number {}, expected {}", written.sequence, Next(sequence_)));
  }
  sequence_ = written.sequence;
}

void LogStory::CheckReplay(const ExaminedCommit& commit, const WrittenFact& written) {
  TimePoint& told = told_[written.fact.environment.text() + "/" + written.fact.project.text()];
  const bool may_repeat = MayRepeat(written.fact.kind) && written.fact.at >= told;
  told = std::max(told, written.fact.at);
  if (!said_.insert(Short(commit.saying)).second && !may_repeat) {
    Add(AuditKind::kRewritten,
        fmt::format("an earlier fact says the same, word for word (\"{}\"): it was put on again",
                    OneLine(written.fact.subject, 200)));
  }
  const auto request = written.Value("Request");
  if (request && !requests_.insert(FactWord(written.fact.kind) + " " + *request).second) {
    Add(AuditKind::kRewritten,
        fmt::format("the request {} was carried out by an earlier fact", OneLine(*request, 80)));
  }
}

void LogStory::CheckRestart(const WrittenFact& written) {
  const Fact& fact = written.fact;
  const std::string attempt = written.Value("Attempt").value_or("");
  auto& promoted = promoted_[fact.environment.text() + "/" + fact.project.text()];
  if (fact.kind == FactKind::kStarted) {
    started_ = written.sequence;
  } else if (fact.kind == FactKind::kPromoted || fact.kind == FactKind::kRemovalOrdered) {
    promoted[attempt] = written.sequence;
  }
  if (fact.recovered && !MayHaveRestarted(written)) {
    Add(AuditKind::kOrphan,
        fmt::format("it tells of a restart, but none came after attempt {} was ordered",
                    attempt.empty() ? "(none)" : OneLine(attempt, 40)));
  }
}

bool LogStory::MayHaveRestarted(const WrittenFact& written) const {
  const Fact& fact = written.fact;
  const auto pair = promoted_.find(fact.environment.text() + "/" + fact.project.text());
  if (pair != promoted_.end()) {
    const auto ordered = pair->second.find(written.Value("Attempt").value_or(""));
    if (ordered != pair->second.end()) {
      return started_ > ordered->second;
    }
  }
  // Ordered before the audit's first commit: any start since then is one after it.
  return restart_before_ && (started_ > 0 || restart_before_(written).value_or(true));
}

}  // namespace failgate
