#include "controller/mlflow/release_run.h"

#include <fmt/format.h>

#include <algorithm>

#include "controller/base/error.h"
#include "controller/base/text.h"

namespace failgate {
namespace {

constexpr std::size_t kLongestName = 250;
/// Older servers take 5,000 characters of a tag and 500 of a param.
constexpr std::size_t kLongestTag = 4000;
constexpr std::size_t kLongestParam = 450;
constexpr double kPercent = 100.0;

long long MillisecondsOf(TimePoint at) {
  return std::chrono::duration_cast<Milliseconds>(at.time_since_epoch()).count();
}

std::string NameOf(const std::string& text) {
  std::string name = text.substr(0, kLongestName);
  for (char& c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!plain && std::string_view("_-. /").find(c) == std::string_view::npos) c = '_';
  }
  // MLflow takes names for paths: "." and what climbs is refused.
  for (std::size_t at = name.find(".."); at != std::string::npos; at = name.find("..")) {
    name.replace(at, 2, "__");
  }
  while (!name.empty() && (name.front() == '/' || name.front() == '.')) name.front() = '_';
  while (!name.empty() && name.back() == '/') name.back() = '_';
  for (std::size_t at = name.find("//"); at != std::string::npos; at = name.find("//")) {
    name.replace(at, 2, "__");
  }
  return name;
}

std::string DataOf(const ReleaseRecord& record) {
  return record.data.empty() ? kMlflowNoData : OneLine(record.data, kLongestTag);
}

void AddMetrics(const Evidence& evidence, std::map<std::string, double>& metrics) {
  for (const auto& [name, value] : evidence.metrics) {
    if (!name.empty()) metrics.emplace(NameOf(name), value);
  }
  for (const auto& [level, counts] : evidence.tests) {
    metrics.emplace(NameOf("tests." + level + ".passed"), static_cast<double>(counts.passed));
    metrics.emplace(NameOf("tests." + level + ".failed"),
                    static_cast<double>(counts.failed + counts.errors));
  }
  if (!evidence.coverage) return;
  const CoverageFigures& coverage = *evidence.coverage;
  if (coverage.lines_total > 0) {
    metrics.emplace("coverage.lines",
                    kPercent * static_cast<double>(coverage.lines_covered) /
                        static_cast<double>(coverage.lines_total));
  }
  if (coverage.branches_total > 0) {
    metrics.emplace("coverage.branches",
                    kPercent * static_cast<double>(coverage.branches_covered) /
                        static_cast<double>(coverage.branches_total));
  }
}

const ArtifactRecord* Find(const ReleaseRecord& record, const std::string& name) {
  for (const ArtifactRecord& artifact : record.artifacts) {
    if (artifact.name == name) return &artifact;
  }
  return nullptr;
}

}  // namespace

ReleaseRun RunOf(const ReleaseRecord& record, const std::string& url) {
  ReleaseRun run;
  run.experiment = record.project.text();
  run.name = record.name.text();
  run.started = MillisecondsOf(record.created);
  run.ended = run.started;
  for (const StepEvidence& step : record.evidence.steps) {
    if (step.started) run.started = std::min(run.started, MillisecondsOf(*step.started));
  }
  run.tags = {{kMlflowReleaseTag, record.name.text()},
              {kMlflowProjectTag, record.project.text()},
              {kMlflowRunTag, record.run.text()},
              {kMlflowCommitTag, record.revision.text()},
              {kMlflowOwnCommitTag, record.revision.text()},
              {kMlflowDataTag, DataOf(record)},
              {"failgate.record", ReleaseRecordDigest(record)}};
  for (const ArtifactRecord& artifact : record.artifacts) {
    const std::string about = NameOf("artifact." + artifact.name);
    run.tags[about + ".sha256"] = artifact.sha256;
    run.tags[about + ".release"] =
        artifact.origin_release.empty() ? record.name.text() : artifact.origin_release.text();
    if (record.artifacts.size() == 1 || !artifact.trained.empty()) {
      run.tags.emplace(kMlflowDigestTag, artifact.sha256);
    }
  }
  if (!url.empty()) {
    run.tags["artifact.location"] = fmt::format(
        "{}/api/v1/projects/{}/releases/{}", url, record.project.text(), record.name.text());
  }
  run.batch.at = run.ended;
  run.batch.params = {{"trigger", record.trigger},
                      {"training", record.training},
                      {"source", record.source.text()},
                      {"ref", OneLine(record.ref, kLongestParam)},
                      {"data", OneLine(DataOf(record), kLongestParam)}};
  AddMetrics(record.evidence, run.batch.metrics);
  return run;
}

MlflowTags VersionTagsOf(const ReleaseRecord& record, const std::string& artifact) {
  const ArtifactRecord* found = Find(record, artifact);
  if (found == nullptr) {
    throw Error(Remedy::kNeedsChange,
                fmt::format("{} has no artifact {}", record.name.text(), OneLine(artifact, 80)));
  }
  return {{kMlflowReleaseTag, record.name.text()},
          {kMlflowProjectTag, record.project.text()},
          {kMlflowArtifactTag, artifact},
          {kMlflowDigestTag, found->sha256},
          {kMlflowCommitTag, record.revision.text()},
          {kMlflowDataTag, DataOf(record)}};
}

}  // namespace failgate
