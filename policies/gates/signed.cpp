#include "policies/gates/signed.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "controller/base/text.h"

namespace failgate {
namespace {

constexpr std::size_t kShortCommit = 12;

std::string Tell(const SignedCommitFact& commit) {
  return fmt::format("{} of {}: {}",
                     commit.commit.text().substr(0, kShortCommit),
                     OneLine(commit.author, 80),
                     OneLine(commit.why_not.empty() ? "not signed" : commit.why_not, 200));
}

}  // namespace

SignedSettings ReadSignedSettings(const YamlNode& node, ProblemSink& problems) {
  MappingReader reader(node, "gates.signed", problems);
  SignedSettings settings;
  settings.mode = ReadMode(reader, node);
  reader.Finish();
  return settings;
}

SignedGate MergeSigned(const SignedGate* floor,
                       const SignedSettings& settings,
                       MergeProblems& problems) {
  if (floor != nullptr) {
    problems.CheckMode("signed", floor->mode, settings.mode);
  }
  return SignedGate{settings.mode.mode};
}

GateVerdict EvaluateSigned(const SignedGate& gate, const Facts& facts) {
  GateVerdict verdict{"signed", gate.mode, Verdict::kFail, {}, std::nullopt};
  if (!facts.signed_commits || !facts.signed_commits->known) {
    verdict.verdict = Verdict::kWait;
    verdict.reason = "the commits since what runs are not known";
    return verdict;
  }
  const SignedCommitsFact& all = *facts.signed_commits;
  if (all.truncated) {
    verdict.reason = fmt::format("more than {} commits since what runs: they are not all examined",
                                 all.commits.size());
    return verdict;
  }
  if (all.commits.empty()) {
    verdict.reason = "there is no commit to examine";
    return verdict;
  }
  std::set<std::string> signers;
  const SignedCommitFact* first = nullptr;
  std::size_t bad = 0;
  for (const SignedCommitFact& commit : all.commits) {
    if (!commit.signer.empty()) {
      signers.insert(ToLower(commit.signer));
      continue;
    }
    ++bad;
    // The first by id, so that the order of the facts does not show.
    if (first == nullptr || commit.commit < first->commit) first = &commit;
  }
  if (first != nullptr) {
    verdict.reason = fmt::format(
        "{} of {} commits have no known signature; {}", bad, all.commits.size(), Tell(*first));
    return verdict;
  }
  verdict.verdict = Verdict::kPass;
  verdict.reason =
      OneLine(fmt::format("{} commits, signed by {}",
                          all.commits.size(),
                          Join(std::vector<std::string>(signers.begin(), signers.end()), ", ")));
  return verdict;
}

}  // namespace failgate
