// New data outside of git becomes one run of the newest head, and every run names the data it rests
// on.
#include "controller/base/digest.h"
#include "tests/integration/sync/sync_world.h"

namespace failgate {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

constexpr const char* kWatching =
    "project: churn\n"
    "triggers:\n"
    "  data: {paths: [\"data/**\"], watch: [{name: sales, at: sales}, {name: clicks, at: "
    "in/clicks}]}\n"
    "steps:\n"
    "  - {name: train, level: train, run: \"true\", training: {code: degraded}}\n";

class WatchedRuns : public SyncWorld {
 protected:
  WatchedRuns() {
    for (const char* name : {"sales", "clicks", "other"}) {
      WatchSettings watch;
      watch.name = name;
      watch.projects = {ProjectName(watch.name == "other" ? "else" : "churn")};
      watch_settings_.push_back(std::move(watch));
    }
    Restart();
  }
  /// A version of which one file is all.
  void Take(const std::string& watch, const std::string& letter) {
    const WatchedFile file{"x", std::string(64, letter[0]), 1, ""};
    (void)life_->watches.Advance(watch, {{file}, {}}, [&](const std::vector<WatchedFile>&) {
      return "sha256:" + std::string(64, letter[0]);
    });
    life_->syncer.DataChanged({ProjectName("churn")});
    life_->syncer.Step();
  }
  static std::string Data(const std::string& clicks, const std::string& sales) {
    const auto part = [](const std::string& letter) {
      return letter == "none" ? letter : "sha256:" + std::string(64, letter[0]);
    };
    return "clicks@" + part(clicks) + "; sales@" + part(sales);
  }
};

TEST_F(WatchedRuns, given_a_new_version_when_it_is_told_then_the_head_trains_on_it_once) {
  Push({{"failgate.yaml", kWatching}});
  Look();
  ASSERT_THAT(Runs(), SizeIs(1));
  EXPECT_EQ(Runs()[0].trigger, RunTrigger::kCode);
  EXPECT_EQ(Runs()[0].data_version, Data("none", "none"));
  Take("sales", "a");
  ASSERT_THAT(Runs(), SizeIs(2)) << "no poll was due";
  EXPECT_EQ(Runs()[0].trigger, RunTrigger::kData);
  EXPECT_EQ(Runs()[0].training, "full");
  EXPECT_EQ(Runs()[0].data_version, Data("none", "a"));
  EXPECT_THAT(Runs()[0].plan_json, HasSubstr("\"watched\""));
  EXPECT_EQ(Runs()[1].superseded_by, Runs()[0].id);
  Restart();
  Look();
  life_->watches.SetPlanned(ProjectName("churn"), "");  // killed before it was noted
  Look();
  EXPECT_THAT(Runs(), SizeIs(2));
}

TEST_F(WatchedRuns, given_a_burst_when_runs_wait_then_one_is_left_and_it_trains_on_the_newest) {
  Push({{"failgate.yaml", kWatching}, {"data/a.csv", "1\n"}});
  Look();
  Take("sales", "a");
  Take("clicks", "b");
  Take("sales", "c");
  ASSERT_THAT(Runs(), SizeIs(4));
  EXPECT_EQ(Runs()[0].data_version,
            "data/a.csv@sha256:" + Sha256Hex("1\n") + "; " + Data("b", "c"));
  for (std::size_t i = 1; i < 4; ++i) EXPECT_EQ(Runs()[i].state, RunState::kSuperseded);
  const CommitId code = Push({{"code.py", "1"}});
  Look();
  EXPECT_EQ(Runs()[0].revision, code);
  EXPECT_EQ(Runs()[0].trigger, RunTrigger::kData) << "the data it takes over was never trained on";
  EXPECT_EQ(Runs()[0].training, "full");
}

TEST_F(WatchedRuns, given_data_that_comes_back_when_its_run_never_began_then_it_runs_again) {
  Push({{"failgate.yaml", kWatching}});
  Look();
  Take("sales", "a");
  const RunId first = Runs()[0].id;
  Take("sales", "b");
  Take("sales", "a");
  EXPECT_EQ(Runs()[0].data_version, Data("none", "a"));
  EXPECT_NE(Runs()[0].id, first);
  EXPECT_EQ(Runs()[0].state, RunState::kQueued);
  (void)life_->runs.Finish(Runs()[0].id, RunState::kSucceeded, "", "", ReleaseState::kNone);
  Take("sales", "b");
  (void)life_->runs.Finish(Runs()[0].id, RunState::kSucceeded, "", "", ReleaseState::kNone);
  const std::size_t runs = Runs().size();
  Take("sales", "b");
  EXPECT_THAT(Runs(), SizeIs(runs)) << "never twice for the same content";
}

TEST_F(WatchedRuns, given_a_code_push_when_the_data_was_trained_on_then_it_is_a_code_push_on_it) {
  Push({{"failgate.yaml", kWatching}});
  Look();
  Take("sales", "a");
  (void)life_->runs.Finish(Runs()[0].id, RunState::kSucceeded, "", "", ReleaseState::kNone);
  Push({{"code.py", "1"}});
  Look();
  EXPECT_EQ(Runs()[0].trigger, RunTrigger::kCode);
  EXPECT_EQ(Runs()[0].data_version, Data("none", "a"));
}

TEST_F(WatchedRuns, given_a_watch_it_may_not_use_or_a_place_git_has_when_pushed_then_refused) {
  std::string pipeline = kWatching;
  pipeline.replace(pipeline.find("clicks"), 6, "other");
  Push({{"failgate.yaml", pipeline}});
  Look();
  EXPECT_EQ(Runs()[0].state, RunState::kRefused);
  EXPECT_THAT(Runs()[0].reason, HasSubstr("the server file has no watch other for project churn"));
  Push({{"failgate.yaml", kWatching}, {"in", "a file where a folder must be"}});
  Look();
  EXPECT_EQ(Runs()[0].state, RunState::kRefused);
  EXPECT_THAT(Runs()[0].reason, HasSubstr("git has something at in/clicks already"));
  Take("sales", "a");
  EXPECT_THAT(Runs(), SizeIs(2)) << "no run of a head that was refused";
  git_.git().Run(git_.clone(), {"rm", "-q", "in"});
  Push({{"code.py", "1"}});
  Look();
  EXPECT_EQ(Runs()[0].trigger, RunTrigger::kData) << "the data still has to be trained on";
}

}  // namespace
}  // namespace failgate
