#include "controller/mlflow/run_recording.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>
#include <vector>

#include "controller/base/error.h"
#include "controller/base/fail_point.h"
#include "controller/mlflow/release_run.h"

namespace failgate {
namespace {

constexpr const char* kFinished = "FINISHED";

class Claim {
 public:
  Claim(Guarded<std::set<std::string>>& claimed, std::string name)
      : claimed_(claimed), name_(std::move(name)), mine_(claimed_.Lock()->insert(name_).second) {}
  ~Claim() {
    if (mine_) claimed_.Lock()->erase(name_);
  }
  Claim(const Claim&) = delete;
  Claim& operator=(const Claim&) = delete;
  [[nodiscard]] bool mine() const { return mine_; }

 private:
  Guarded<std::set<std::string>>& claimed_;
  std::string name_;
  bool mine_;
};

}  // namespace

bool IsRecorded(const MlflowRun& run) {
  return run.status == kFinished;
}

MlflowRun RunRecording::Record(const ReleaseRecord& record) {
  const Claim claim(under_way_, record.name.text());
  if (!claim.mine()) {
    throw Error(Remedy::kRetry,
                fmt::format("{} is being recorded in MLflow at this moment", record.name.text()));
  }
  return RecordAlone(record);
}

MlflowRun RunRecording::RecordAlone(const ReleaseRecord& record) const {
  const ReleaseRun told = RunOf(record, url_);
  const std::string experiment =
      tracking_.Experiment(told.experiment, {{kMlflowProjectTag, record.project.text()}});
  std::vector<MlflowRun> runs =
      tracking_.FindRuns(experiment, kMlflowReleaseTag, record.name.text()).runs;
  runs.erase(std::remove_if(runs.begin(),
                            runs.end(),
                            [&](const MlflowRun& run) {
                              const auto tag = run.tags.find(kMlflowRunTag);
                              return tag == run.tags.end() || tag->second != record.run.text();
                            }),
             runs.end());
  const auto oldest = std::min_element(runs.begin(), runs.end(), [](const auto& a, const auto& b) {
    return std::tie(a.started, a.id) < std::tie(b.started, b.id);
  });
  if (oldest != runs.end() && (oldest->deleted || IsRecorded(*oldest))) return *oldest;
  MlflowRun run = oldest != runs.end()
                      ? *oldest
                      : tracking_.MakeRun(experiment, told.name, told.started, told.tags);
  FailPoint("mlflow-run-made");
  tracking_.Log(run.id, told.batch);
  tracking_.Finish(run.id, told.ended);
  run.status = kFinished;
  return run;
}

}  // namespace failgate
