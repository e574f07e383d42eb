// Steps see the data their run was planned with: read-only, whatever became of the files since.
#include "controller/watch/watched_data.h"

#include <fcntl.h>

#include "controller/base/digest.h"
#include "tests/integration/execution/execution_world.h"

namespace failgate {
namespace {

using testing::HasSubstr;

class WatchedSteps : public ExecutionWorld {
 protected:
  WatchedSteps() {
    CreateFolders(data_ / "in/day");
    Attach();
  }
  void Attach() {
    store_ = std::make_unique<WatchStore>(life_->database);
    bytes_ = std::make_unique<WatchedBytes>(data_ / "watched");
    watched_ = std::make_unique<WatchedData>(std::vector<WatchSettings>(), *store_, *bytes_);
    life_->parts.watched = watched_.get();
    executor_ = std::make_unique<RunExecutor>(life_->parts);
  }
  std::string Keep(const std::string& path, const std::string& bytes) {
    WriteFileDurably(data_ / "in" / path, bytes);
    const FileDescriptor root(open((data_ / "in").c_str(), O_RDONLY | O_DIRECTORY));
    return bytes_->Take(root.get(), path, {}, {})->sha256;
  }
  void Advance(const std::string& version, const std::vector<WatchedFile>& files) {
    (void)store_->Advance(
        "sales", {files, {}}, [&](const std::vector<WatchedFile>&) { return version; });
  }
  failgate::Run ExecuteWith(const std::string& steps, const std::string& data) {
    const RunId first = Queue(
        "triggers:\n  data: {watch: [{name: clicks, at: in/clicks}, {name: sales, at: sales}]}\n" +
        steps);
    NewRun run;
    run.project = ProjectName("churn");
    run.source = SourceName("churn");
    run.ref = "refs/heads/main";
    run.revision = revision_;
    run.data_version = data;
    run.trigger = RunTrigger::kData;
    run.plan_json = life_->runs.Get(first)->plan_json;
    for (const Step& step : life_->steps.Of(first)) run.steps.push_back({step.name, step.level});
    (void)life_->runs.RequestCancel(first, "only its plan is of use");
    return Execute(life_->runs.Create(run).id);
  }
  std::unique_ptr<WatchStore> store_;
  std::unique_ptr<WatchedBytes> bytes_;
  std::unique_ptr<WatchedData> watched_;
};

constexpr const char* kSteps =
    "steps:\n"
    "  - name: look\n"
    "    level: unit\n"
    "    repeat: true\n"
    "    reports: {metrics: m.json}\n"
    "    run: |\n"
    "      ls -A in/clicks | wc -l\n"
    "      cat sales/a.csv sales/day/b.csv\n"
    "      if echo x >> sales/a.csv || chmod 644 sales/a.csv || touch sales/new; then exit 3; fi\n"
    "      echo '{\"x\": 1}' > m.json\n";

TEST_F(WatchedSteps, given_versions_of_data_when_a_step_runs_then_it_reads_just_these_and_no_more) {
  Advance("sha256:one",
          {{"a.csv", Keep("a.csv", "first\n"), 6}, {"day/b.csv", Keep("day/b.csv", "same\n"), 5}});
  Advance("sha256:two", {{"a.csv", Keep("a.csv", "second\n"), 7}});
  const failgate::Run run = ExecuteWith(kSteps, "clicks@none; sales@sha256:one");
  ASSERT_EQ(run.state, RunState::kSucceeded) << run.reason << LogOf(run, "look");
  EXPECT_THAT(LogOf(run, "look"), HasSubstr("0\nfirst\nsame\n"));
  ExpectNothingLeft();
  const std::string sha = Sha256Hex("first\n");
  struct stat status {};
  ASSERT_EQ(stat((data_ / "watched/objects" / sha.substr(0, 2) / sha.substr(2)).c_str(), &status),
            0);
  EXPECT_EQ(status.st_mode & 0777U, 0444U);
}

TEST_F(WatchedSteps, given_bytes_that_are_gone_or_damaged_when_a_step_needs_them_then_it_says_so) {
  const std::string sha = Keep("a.csv", "first\n");
  Advance("sha256:one", {{"a.csv", sha, 6}});
  const std::string gone = ExecuteWith(kSteps, "clicks@none; sales@sha256:none").reason;
  EXPECT_THAT(gone, HasSubstr("the data sales@sha256:none is not kept any more"));
  EXPECT_THAT(ExecuteWith(kSteps, "sales@sha256:one").reason, HasSubstr("is not known here"));
  RemoveTree(data_ / "watched/objects" / sha.substr(0, 2) / sha.substr(2));
  EXPECT_THAT(ExecuteWith(kSteps, "clicks@none; sales@sha256:one").reason,
              HasSubstr("is not kept any more"));
}

}  // namespace
}  // namespace failgate
