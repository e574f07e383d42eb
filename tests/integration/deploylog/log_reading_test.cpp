// Reading a long log by its states and by its index: always what a walk over every commit finds.
#include <gtest/gtest.h>

#include "controller/deploylog/log_index.h"
#include "tests/integration/deploylog/log_world.h"

namespace failgate {
namespace {

/// More than what is walked before the states are asked, about pairs of different frequency.
class LongLog : public testing::Test {
 protected:
  /// Written once: every test compares with what is there, whatever was added before.
  static void SetUpTestSuite() {
    world_ = std::make_unique<LogWorld>();
    log_ = world_->Controller("one");
    log_->Fetch();
    log_->TakeOver();
    Write(0, 600);
  }
  static void TearDownTestSuite() {
    log_.reset();
    world_.reset();
  }

  /// `from` to `to`: "rare" in staging every 97th, "odd" every 7th of the rest, others "often".
  static void Write(int from, int to) {
    std::vector<FactDraft> drafts;
    for (int i = from; i < to; ++i) {
      FactDraft draft = world_->Draft(i % 3 == 0 ? FactKind::kHealed : FactKind::kDrifted, "x");
      if (i % 97 == 13) {
        draft.fact.environment = EnvironmentName("staging");
        draft.fact.project = ProjectName("rare");
      } else if (i % 7 == 1) {
        draft.fact.project = ProjectName("odd");
      }
      if (i == 5) {
        draft.fact.environment = EnvironmentName();
        draft.fact.project = ProjectName("rare");
      }
      drafts.push_back(std::move(draft));
    }
    log_->Append(drafts);
  }

  static Repository Mirror() { return Repository::Open(world_->folder.path() / "mirror-one.git"); }

  void FillIndex() {
    LogIndexer indexer(index_, world_->folder.path() / "mirror-one.git");
    while (indexer.Advance(*log_->LogHead())) {
    }
  }

  /// Every fact by reading every commit.
  static std::vector<std::string> Walked(const LogFilter& filter) {
    const Repository repository = Mirror();
    std::vector<std::string> found;
    bool begun = filter.before.empty();
    for (const CommitId& id : repository.CommitsBetween(std::nullopt, *log_->LogHead(), 10'000)) {
      const auto written = ParseFactMessage(repository.ReadCommit(id).message);
      if (begun && written && Wants(filter, written->fact) && found.size() < filter.limit) {
        found.push_back(id.text());
      }
      begun = begun || id == filter.before;
    }
    return found;
  }

  static std::vector<std::string> Ids(const std::vector<LogEntry>& entries) {
    std::vector<std::string> ids;
    for (const LogEntry& entry : entries) {
      ids.push_back(entry.commit.text());
    }
    return ids;
  }

  static std::vector<LogFilter> Filters() {
    std::vector<LogFilter> filters;
    for (const char* environment : {"", "prod", "staging", "none"}) {
      for (const char* project : {"", "churn", "odd", "rare", "none"}) {
        LogFilter filter;
        filter.environment = EnvironmentName(environment);
        filter.project = ProjectName(project);
        for (const std::size_t limit : {3U, 60U, 1000U}) {
          filter.limit = limit;
          filters.push_back(filter);
        }
      }
    }
    for (const FactKind kind : {FactKind::kHealed, FactKind::kStarted, FactKind::kRefused}) {
      LogFilter filter;
      filter.kind = kind;
      filters.push_back(filter);
      filter.project = ProjectName("rare");
      filters.push_back(filter);
    }
    return filters;
  }

  static inline std::unique_ptr<LogWorld> world_;
  static inline std::unique_ptr<DeployLog> log_;
  TemporaryFolder folder_;
  Database database_{folder_.path() / "failgate.db"};
  FactIndex index_{database_};
};

TEST_F(LongLog, IsReadAsAWalkReadsIt) {
  const Repository repository = Mirror();
  FillIndex();
  for (const LogFilter& filter : Filters()) {
    const auto walked = Walked(filter);
    const std::string what = filter.environment.text() + "/" + filter.project.text();
    EXPECT_EQ(Ids(ReadHistory(repository, *log_->LogHead(), filter)), walked) << what;
    EXPECT_EQ(Ids(ReadIndexedHistory(index_, repository, *log_->LogHead(), filter)), walked)
        << what;
  }
}

TEST_F(LongLog, GoesOnBehindAnyPage) {
  const Repository repository = Mirror();
  FillIndex();
  LogFilter filter;
  filter.project = ProjectName("rare");
  filter.limit = 2;
  std::vector<std::string> read;
  for (auto page = ReadHistory(repository, *log_->LogHead(), filter); !page.empty();
       page = ReadHistory(repository, *log_->LogHead(), filter)) {
    const auto same = ReadIndexedHistory(index_, repository, *log_->LogHead(), filter);
    EXPECT_EQ(Ids(same), Ids(page));
    EXPECT_EQ(Ids(page), Walked(filter));
    read.push_back(page.back().commit.text());
    filter.before = page.back().commit;
    EXPECT_TRUE(IsInHistory(index_, repository, filter.before, *log_->LogHead()));
  }
  EXPECT_GE(read.size(), 4U);
}

TEST_F(LongLog, IsReadDownToACommit) {
  LogFilter filter;
  filter.limit = 10'000;
  const std::vector<std::string> all = Walked(filter);
  filter.down_to = CommitId(all[40]);
  EXPECT_EQ(Ids(ReadHistory(Mirror(), *log_->LogHead(), filter)),
            std::vector<std::string>(all.begin(), all.begin() + 40));
  filter.kind = FactKind::kStarted;
  EXPECT_TRUE(ReadHistory(Mirror(), *log_->LogHead(), filter).empty()) << "the first fact of all";
  filter = {};
  filter.limit = 10'000;
  filter.down_to = CommitId(std::string(40, 'a'));
  EXPECT_EQ(Ids(ReadHistory(Mirror(), *log_->LogHead(), filter)), all) << "it never was there";
}

TEST_F(LongLog, AnIndexThatLagsBehindIsCompletedByWalking) {
  FillIndex();
  const CommitId indexed = *log_->LogHead();
  Write(600, 640);
  const Repository repository = Mirror();
  for (const LogFilter& filter : Filters()) {
    EXPECT_EQ(Ids(ReadIndexedHistory(index_, repository, *log_->LogHead(), filter)),
              Walked(filter));
  }
  EXPECT_TRUE(IsInHistory(index_, repository, indexed, *log_->LogHead()));
  FillIndex();
  EXPECT_EQ(index_.End()->commit, *log_->LogHead());
  EXPECT_FALSE(IsInHistory(index_, repository, *log_->LogHead(), indexed));
}

TEST_F(LongLog, ALostIndexIsMadeAgain) {
  FillIndex();
  const auto end = index_.End();
  index_.Clear();
  const Repository repository = Mirror();
  LogFilter filter;
  filter.project = ProjectName("rare");
  EXPECT_EQ(Ids(ReadIndexedHistory(index_, repository, *log_->LogHead(), filter)), Walked(filter));
  FillIndex();
  EXPECT_EQ(index_.End(), end);
}

TEST_F(LongLog, AnotherHistoryIsIndexedAnew) {
  ASSERT_TRUE(index_.Append(std::nullopt,
                            {{CommitId(std::string(40, 'a')),
                              "deployed",
                              EnvironmentName("prod"),
                              ProjectName("rare")}}));
  LogFilter filter;
  filter.project = ProjectName("rare");
  EXPECT_EQ(Ids(ReadIndexedHistory(index_, Mirror(), *log_->LogHead(), filter)), Walked(filter));
  FillIndex();
  EXPECT_EQ(index_.End()->commit, *log_->LogHead());
  EXPECT_FALSE(index_.NumberOf(CommitId(std::string(40, 'a'))).has_value());
}

TEST_F(LongLog, ACommitThatIsNoFactIsSteppedOver) {
  Repository repository = Mirror();
  CommitDraft draft;
  draft.author = draft.committer = {"Eve", "eve@example.com"};
  draft.message = "no fact";
  draft.edits = {{"prod/odd.json", "{}"}};
  const CommitId head = WriteCommit(repository, log_->LogHead(), draft, nullptr);
  LogFilter filter;
  filter.project = ProjectName("odd");
  filter.limit = 1000;
  const auto walked = Walked(filter);
  EXPECT_EQ(Ids(ReadHistory(repository, head, filter)), walked);
  LogIndexer indexer(index_, repository.path());
  while (indexer.Advance(head)) {
  }
  EXPECT_EQ(Ids(ReadIndexedHistory(index_, repository, head, filter)), walked);
}

}  // namespace
}  // namespace failgate
