#include "controller/daemon/release_questions.h"

#include "controller/release/release_record.h"

namespace failgate {
namespace {

std::optional<ReleaseRecord> RecordOf(const LogTree& tree, const ReleaseName& release) {
  auto record = ParseReleaseRecord(tree.Record(release).value_or(""));
  return record ? std::optional<ReleaseRecord>(std::move(*record)) : std::nullopt;
}

/// What its own run measured, as others may say it.
std::vector<StepMeasurement> MeasuredFor(const ReleaseRecord& record) {
  std::vector<StepMeasurement> own;
  for (const StepMeasurement& measured : record.evidence.measured) {
    if (measured.measured_for.empty()) {
      own.push_back(measured);
      own.back().measured_for = record.name;
    }
  }
  return own;
}

}  // namespace

ChampionAnswer ReleaseQuestions::ChampionOf(const PromotionSnapshot& snapshot,
                                            const ProjectName& project) const {
  const ReleaseName& running =
      snapshot.log->Environment(snapshot.view->ladder.last, project).running;
  if (running.empty()) {
    return {true, std::nullopt};
  }
  const Repository repository = Repository::Open(operations_);
  const LogTree tree(repository, snapshot.log_head);
  const auto record = RecordOf(tree, running);
  if (!record) {
    return {};
  }
  return {true, Champion{record->name, record->artifacts, record->revision}};
}

std::optional<CarriedArtifact> ReleaseQuestions::Carried(const PromotionSnapshot& snapshot,
                                                         const ProjectName& project,
                                                         const std::string& artifact) const {
  const Repository repository = Repository::Open(operations_);
  const LogTree tree(repository, snapshot.log_head);
  for (const ReleaseName& release : tree.Releases(project)) {
    const auto record = RecordOf(tree, release);
    if (!record) {
      continue;
    }
    for (const ArtifactRecord& found : record->artifacts) {
      if (found.name != artifact || found.trained != "full") {
        continue;
      }
      // Carried ones name the release that brought the bytes; its code trained them.
      const ReleaseName origin = found.origin_release.empty() ? release : found.origin_release;
      const auto trained = RecordOf(tree, origin);
      CarriedArtifact carried{found, trained ? trained->revision : CommitId()};
      carried.artifact.origin_release = origin;
      if (trained) {
        carried.measured = MeasuredFor(*trained);
      }
      return carried;
    }
  }
  return std::nullopt;
}

}  // namespace failgate
