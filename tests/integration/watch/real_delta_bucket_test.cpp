// A Delta Lake table that the real writer keeps in the S3 of moto. Skipped where scripts/setup has
// not installed both.
#include "controller/base/error.h"
#include "controller/watch/delta_watch.h"
#include "controller/watch/watched_data.h"
#include "tests/integration/watch/delta_program.h"
#include "tests/integration/watch/watch_world.h"

namespace failgate {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;
using ::testing::ThrowsMessage;

class RealDeltaBucket : public WatchWorld {
 protected:
  void SetUp() override {
    for (const char* peer : {"moto", "deltalake"}) {
      if (const std::string missing = MissingPeer(peer); !missing.empty()) GTEST_SKIP() << missing;
    }
    moto_.emplace(folder_.path());
    moto_->Put("lake");
    settings_.kind = WatchKind::kDelta;
    settings_.path = "s3://lake/sales";
    settings_.bucket = BucketSettings{"lake", "sales/", "us-east-1", moto_->url(), true};
    settings_.bucket->access_key = settings_.bucket->secret_key = SecretReference{"ANY", {}};
    environment_ = [](const std::string&) { return "anything"; };
    Follow();
  }
  /// Also a new life of the program.
  void Follow() {
    table_.reset();
    Restart();
    table_ = std::make_unique<DeltaWatch>(settings_, *store_, *data_, clock_, environment_);
  }
  DeltaTold Write(const std::vector<std::string>& verbs) {
    return RunDelta(settings_.path.string(),
                    verbs,
                    {{"AWS_ENDPOINT_URL", moto_->url()},
                     {"AWS_ALLOW_HTTP", "true"},
                     {"AWS_REGION", "us-east-1"},
                     {"AWS_ACCESS_KEY_ID", "writer"},
                     {"AWS_SECRET_ACCESS_KEY", "writer"}})
        .back();
  }
  bool Look() {
    clock_.Advance(Milliseconds(60'000));
    return table_->Step({});
  }
  /// One new version, which holds what the reader sees.
  void ExpectNews(const DeltaTold& told) {
    EXPECT_TRUE(Look());
    EXPECT_FALSE(Look());
    EXPECT_THAT(Version(), HasSubstr(":" + std::to_string(told.version) + ":sha256:"));
    const std::filesystem::path at = folder_.path() / ("at-" + std::to_string(reads_.size()));
    WatchedData watched({settings_}, *store_, *data_);
    EXPECT_FALSE(watched.Place({settings_.name, Version()}, at, false));
    reads_.push_back("placed=" + at.string());
    expected_.push_back({-1, told.rows});
  }
  void TearDown() override {
    if (reads_.empty()) return;
    EXPECT_EQ(RunDelta("none", reads_), expected_);
  }

  std::optional<MotoPeer> moto_;
  std::unique_ptr<DeltaWatch> table_;
  std::vector<std::string> reads_;
  std::vector<DeltaTold> expected_;
};

TEST_F(RealDeltaBucket, given_a_table_when_its_data_changes_then_each_change_is_one_version) {
  EXPECT_THAT(
      [this] { (void)Look(); },
      ThrowsMessage<Error>(StartsWith("reading the table s3://lake/sales: it has no _delta_log")));
  ExpectNews(Write({"create"}));
  ExpectNews(Write({"append=4,5"}));
  ExpectNews(Write({"append=6", "overwrite=7,8"}));
  const std::string before = Version();
  Write({"append=9", "optimize", "vacuum"});
  EXPECT_TRUE(Look());
  EXPECT_NE(Version(), before);
  Write({"optimize", "vacuum"});
  EXPECT_FALSE(Look()) << "the same rows, moved";
  Follow();
  EXPECT_FALSE(Look()) << "known since before";
  EXPECT_EQ(table_->Status().taken_files, 0);
  ExpectNews(Write({"append=10"}));
}

TEST_F(RealDeltaBucket, given_a_log_that_was_cleaned_when_looked_at_first_then_it_is_refused) {
  Write({"create", "append=4", "checkpoint", "cleanup"});
  EXPECT_THAT([this] { (void)Look(); },
              ThrowsMessage<Error>(HasSubstr("its log begins with commit 1, ")));
  EXPECT_EQ(Version(), "");
}

}  // namespace
}  // namespace failgate
