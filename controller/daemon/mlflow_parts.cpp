#include "controller/daemon/mlflow_parts.h"

#include "controller/deploylog/log_tree.h"

namespace failgate {
namespace {

class SnapshotReleases final : public ReleaseLog {
 public:
  SnapshotReleases(const Repository& repository, const PromotionSnapshot& snapshot)
      : tree_(repository, snapshot.log_head) {}
  [[nodiscard]] std::vector<ReleaseName> Releases(const ProjectName& project) override {
    return tree_.Releases(project);
  }
  [[nodiscard]] std::optional<ReleaseRecord> Record(const ReleaseName& release) override {
    auto record = ParseReleaseRecord(tree_.Record(release).value_or(""));
    return record ? std::optional<ReleaseRecord>(*std::move(record)) : std::nullopt;
  }

 private:
  LogTree tree_;
};

}  // namespace

bool MlflowParts::RecordReleases(const std::filesystem::path& operations,
                                 const PromotionSnapshot& snapshot) {
  const Repository repository = Repository::Open(operations);
  SnapshotReleases releases(repository, snapshot);
  return recorder.Step(releases);
}

}  // namespace failgate
