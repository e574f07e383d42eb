// Data that git keeps elsewhere, in the workspace of the steps and in the evidence of the run.
#include "controller/base/digest.h"
#include "controller/data/lfs_pointer.h"
#include "controller/data/run_data.h"
#include "tests/integration/execution/execution_world.h"

namespace failgate {
namespace {

using ::testing::HasSubstr;

class RunsWithData : public ExecutionWorld {
 protected:
  RunsWithData()
      : run_data_(data_ / "data-objects",
                  data_ / "mirrors",
                  processes_,
                  {{SourceName("churn"), DataAccess{[this] { return Remote(); }}}}) {
    life_->parts.data = &run_data_;
    executor_ = std::make_unique<RunExecutor>(life_->parts);
  }
  RemoteConfig Remote() {
    RemoteConfig config;
    config.url = "file://" + git_.origin().string();
    config.home = folder_.path() / "git-home";
    return config;
  }
  static std::string Pointer(const std::string& bytes) {
    return FormatLfsPointer({Sha256Hex(bytes), static_cast<long long>(bytes.size())});
  }
  void Keep(const std::string& bytes) {
    const std::string sha256 = Sha256Hex(bytes);
    const auto path = git_.origin() / "lfs/objects" / sha256.substr(0, 2) / sha256.substr(2, 2);
    CreateFolders(path);
    WriteFileDurably(path / sha256, bytes);
  }

  ProcessRunner processes_;
  RunData run_data_;
};

constexpr const char* kSteps =
    "triggers: {data: {paths: ['data/**']}}\n"
    "steps:\n"
    "  - {name: unit, level: unit, run: 'grep -q one data/rows'}\n"
    "  - name: train\n"
    "    level: train\n"
    "    run: |\n"
    "      cp data/rows model\n"
    "      echo spoiled > data/rows\n"
    "      echo '{\"rows\": 1, \"columns\": {\"a\": {\"type\": \"text\", \"nulls\": 0}}}' > "
    "d.json\n"
    "    reports: {data: d.json}\n"
    "    artifacts: [{name: model, path: model}]\n";

TEST_F(RunsWithData, GiveEachStepTheBytesAndRecordThem) {
  Keep("one\n");
  const failgate::Run run = Execute(kSteps, {{"data/rows", Pointer("one\n")}});
  ASSERT_EQ(run.state, RunState::kSucceeded) << run.reason;
  const RunResult result = ResultOf(run);
  EXPECT_EQ(result.artifacts[0].sha256, Sha256Hex("one\n"));
  EXPECT_EQ(result.evidence.data->objects, (DataObjects{1, 4}));
  EXPECT_EQ(result.evidence.data->table->rows, 1);
  ExpectNothingLeft();
}

TEST_F(RunsWithData, FailWhileAnObjectLacksAndPassWhenItIsThere) {
  const failgate::Run failed = Execute(kSteps, {{"data/rows", Pointer("one\n")}});
  EXPECT_EQ(failed.state, RunState::kFailed);
  EXPECT_THAT(failed.reason,
              HasSubstr("step unit failed: its data cannot be brought: data object "));
  EXPECT_THAT(LogOf(failed, "unit"), HasSubstr("is not in the store (\"data/rows\")"));
  Keep("one\n");
  const failgate::Run again = Execute(QueueAgain(TriggerKind::kCode, "again"));
  EXPECT_EQ(again.state, RunState::kSucceeded) << again.reason;
}

}  // namespace
}  // namespace failgate
