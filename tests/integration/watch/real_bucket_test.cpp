// Objects in the S3 of moto, from the upload to the version: never an old one under a new name,
// never one twice. Skipped where scripts/setup has not installed it.
#include "controller/base/error.h"
#include "controller/watch/bucket_source.h"
#include "controller/watch/watched_data.h"
#include "tests/integration/watch/watch_world.h"
#include "tests/support/peers.h"

namespace failgate {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::ThrowsMessage;

using std::chrono::seconds;

class RealBucket : public WatchWorld {
 protected:
  static void TearDownTestSuite() { Server().reset(); }
  void SetUp() override {
    if (const std::string missing = MissingPeer("moto"); !missing.empty()) GTEST_SKIP() << missing;
    if (!Server()) Server() = std::make_unique<Running>();
    // Each test has a bucket of its own at the one server.
    static int number = 0;
    bucket_ = "bucket-" + std::to_string(++number);
    Moto().Put(bucket_);
    settings_.path = "s3://" + bucket_ + "/in";
    settings_.bucket = BucketSettings{bucket_, "in/", "us-east-1", Moto().url(), true};
    settings_.bucket->access_key = SecretReference{"ACCESS", {}};
    settings_.bucket->secret_key = SecretReference{"SECRET", {}};
    As("anybody", "anything");
  }
  void Put(const std::string& path, const std::string& bytes) {
    Moto().Put(bucket_ + "/in/" + path, bytes);
  }
  /// A new life of the program, with other keys.
  void As(const std::string& access, const std::string& secret) {
    environment_ = [access, secret](const std::string& name) -> std::optional<std::string> {
      return name == "ACCESS" ? access : secret;
    };
    Restart();
  }
  /// What lay still was listed twice.
  bool Settle() {
    const bool now = Step();
    return Step(seconds(5)) || now;
  }
  [[nodiscard]] static MotoPeer& Moto() { return Server()->peer; }

  std::string bucket_;

 private:
  struct Running {
    TemporaryFolder folder;
    MotoPeer peer{folder.path()};
  };
  static std::unique_ptr<Running>& Server() {
    static std::unique_ptr<Running> server;
    return server;
  }
};

TEST_F(RealBucket, given_an_object_when_it_stays_the_same_then_it_is_taken_once) {
  EXPECT_FALSE(Step());
  Put("a.csv", "one");
  EXPECT_FALSE(Step(seconds(60)));
  EXPECT_EQ(Version(), "");
  EXPECT_TRUE(Step(seconds(5)));
  EXPECT_EQ(Version(), Of("one"));
  Put("a.csv", "two, and more");
  EXPECT_FALSE(Step(seconds(60)));
  Put("a.csv", "three");
  EXPECT_FALSE(Step(seconds(5))) << "it was listed as another one";
  EXPECT_EQ(Version(), Of("one"));
  EXPECT_TRUE(Step(seconds(5)));
  EXPECT_EQ(Version(), Of("three"));
  EXPECT_EQ(watch_->Status().taken_files, 2);

  Restart();
  EXPECT_FALSE(Settle());
  EXPECT_FALSE(Step(seconds(60)));
  EXPECT_EQ(watch_->Status().taken_files, 0) << "its ETag is known";
  EXPECT_EQ(watch_->Status().version, Of("three"));

  Moto().Delete(bucket_ + "/in/a.csv");
  EXPECT_FALSE(Step(seconds(60))) << "it may be replaced";
  EXPECT_TRUE(Step(seconds(5)));
  EXPECT_EQ(Version(), "none");
}

TEST_F(RealBucket, given_keys_of_every_kind_when_listed_then_those_that_are_paths_are_placed) {
  settings_.patterns = {"*.csv"};
  Restart();
  Put("day%3D1/a%20b%2Bc.csv", "one");
  Put("d%C3%A9j%C3%A0%26.csv", "two");
  for (const char* left_out : {"note.txt", "folder/", ".tmp/x.csv", "a//b.csv"}) {
    Put(left_out, "x");
  }
  Moto().Put(bucket_ + "/inside.csv", "x");
  EXPECT_TRUE(Settle());
  EXPECT_THAT(Paths(), ElementsAre("day=1/a b+c.csv", "déjà&.csv"));
  WatchedData watched({settings_}, *store_, *data_);
  EXPECT_FALSE(watched.Place({"sales", Version()}, folder_.path() / "at", false));
  EXPECT_EQ(ReadFile(folder_.path() / "at/day=1/a b+c.csv"), "one");
  EXPECT_EQ(ReadFile(folder_.path() / "at/déjà&.csv"), "two");

  Put("x.csv", "x");
  Put("x.csv/y.csv", "y");
  EXPECT_THAT([&] { (void)Step(seconds(60)); },
              ThrowsMessage<Error>(
                  HasSubstr("the objects \"x.csv\" and \"x.csv/y.csv\" cannot lie in one folder")));
}

TEST_F(RealBucket,
       given_markers_and_many_pages_when_listed_then_only_what_they_speak_for_is_taken) {
  settings_.completion = Completion::kMarker;
  settings_.marker = "_SUCCESS";
  settings_.patterns = {"*.csv"};
  Restart();
  Put("day=1/A.csv", "one");
  Put("day=1/z.csv", "two");
  Put("day=2/b.csv", "half");
  for (int number = 0; number < 10; ++number) Put("day=1/noise-" + std::to_string(number), "");
  EXPECT_FALSE(Settle());
  Put("day=1/_SUCCESS", "");
  EXPECT_TRUE(Step(seconds(60)));
  EXPECT_THAT(Paths(), ElementsAre("day=1/A.csv", "day=1/z.csv"));
  settings_.marker = ".done";
  Restart();
  Put("day=2/b.csv.done", "");
  EXPECT_TRUE(Step(seconds(60)));
  EXPECT_EQ(Paths().size(), 3U);
}

TEST_F(RealBucket, given_an_object_replaced_after_the_listing_when_taken_then_nothing_is_kept) {
  Put("a.csv", "one");
  BucketSource source(
      settings_, *data_, S3Client(*settings_.bucket, environment_, SystemClock(), [](Milliseconds) {
      }));
  ObjectStatus listed;
  source.List([](const std::string&) { return true; },
              [&](const std::string&, const ObjectStatus& status) { listed = status; });
  EXPECT_EQ(source.Look("a.csv")->state, listed.state) << "a listing and a header say the same";
  Put("a.csv", "eno");
  const auto taken = source.Take("a.csv", listed, {}, {});
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, "file_changed");
  Moto().Delete(bucket_ + "/in/a.csv");
  EXPECT_EQ(source.Take("a.csv", listed, {}, {}).error().code, "file_missing");
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path() / "kept/objects"));
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path() / "kept/tmp"));
}

TEST_F(RealBucket, given_an_outage_when_it_ends_then_nothing_was_triggered_and_nothing_is_lost) {
  Put("a.csv", "one");
  EXPECT_TRUE(Settle());
  const std::string url = settings_.bucket->endpoint;
  settings_.bucket->endpoint = "http://127.0.0.1:" + std::to_string(RecentlyFreePort());
  Restart();
  Put("b.csv", "two");
  EXPECT_THAT([&] { (void)Settle(); },
              ThrowsMessage<Error>(AllOf(HasSubstr("listing s3://" + bucket_ + "/in/: "),
                                         HasSubstr("no connection"))));
  EXPECT_EQ(Version(), Of("one"));
  settings_.bucket->endpoint = url;
  Restart();
  EXPECT_TRUE(Settle());
  EXPECT_THAT(Paths(), ElementsAre("a.csv", "b.csv"));
  EXPECT_EQ(watch_->Status().taken_files, 1);
}

TEST_F(RealBucket, given_a_large_object_when_taken_then_its_bytes_are_those_that_were_put) {
  std::string bytes(std::size_t{9} << 20U, 'x');
  for (std::size_t i = 0; i < bytes.size(); i += 4099) bytes[i] = static_cast<char>('a' + i % 26);
  Put("a.bin", bytes);
  EXPECT_TRUE(Settle());
  EXPECT_EQ(Version(), Of(bytes));
}

TEST_F(RealBucket, given_a_server_that_checks_when_asked_then_only_who_may_read_gets_the_bytes) {
  Put("a.csv", "one");
  const auto reader = Moto().AddPerson("reader-" + bucket_, "s3:*");
  const auto lister = Moto().AddPerson("lister-" + bucket_, "s3:ListBucket");
  Moto().CheckAccess(true);
  const auto refused = [&](const std::string& why, const std::string& secret) {
    EXPECT_THAT([&] { (void)Settle(); },
                ThrowsMessage<Error>(AllOf(HasSubstr(why), Not(HasSubstr(secret)))));
    EXPECT_EQ(Version(), "");
  };
  const std::string wrong = "wJalrXUtnFEMI-wrong";
  As(reader.first, wrong);
  refused("check secret_key", wrong);
  As("AKIAIOSFODNN7EXAMPLE", reader.second);
  refused("check access_key", reader.second);
  As(lister.first, lister.second);
  refused("let the key list the bucket and read its objects", lister.second);
  As(reader.first, reader.second);
  EXPECT_TRUE(Settle()) << "its own signature of the request is the same";
  EXPECT_EQ(Version(), Of("one"));
  Moto().CheckAccess(false);
}

TEST_F(RealBucket, given_an_object_that_cannot_be_read_when_it_can_then_the_others_are_not_again) {
  Put("a.csv", "one");
  Put("b.csv", "two");
  const std::string bucket = "arn:aws:s3:::" + bucket_;
  const auto half =
      Moto().AddPerson("half-" + bucket_, "s3:*", bucket + "," + bucket + "/in/a.csv");
  Moto().CheckAccess(true);
  As(half.first, half.second);
  EXPECT_THAT([&] { (void)Settle(); },
              ThrowsMessage<Error>(HasSubstr("/in/b.csv: S3 answered 403")));
  EXPECT_EQ(Version(), "") << "half of what is there is no version";
  EXPECT_EQ(watch_->Status().taken_files, 1);
  Moto().CheckAccess(false);
  EXPECT_TRUE(Step());
  EXPECT_THAT(Paths(), ElementsAre("a.csv", "b.csv"));
  EXPECT_EQ(watch_->Status().taken_files, 2);
}

TEST_F(RealBucket, given_a_bucket_that_is_not_there_when_looked_at_then_it_says_so) {
  settings_.bucket->bucket = "no-such-bucket";
  Restart();
  EXPECT_THAT([&] { (void)Step(); }, ThrowsMessage<Error>(HasSubstr("there is no such bucket")));
}

}  // namespace
}  // namespace failgate
