// What a watch sees of a bucket, whose pages are short and change while they are read.
#include "controller/watch/bucket_source.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "controller/base/digest.h"
#include "controller/base/durable_file.h"
#include "controller/base/error.h"
#include "controller/watch/watched_names.h"
#include "tests/support/fake_clock.h"

namespace failgate {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

class BucketSourceTest : public ::testing::Test {
 protected:
  BucketSourceTest() {
    settings_.name = "sales";
    settings_.path = "s3://b/in";
    settings_.bucket = BucketSettings{"b", "in/", "us-east-1", "http://127.0.0.1:1", true};
    settings_.patterns = {"*.csv"};
    settings_.completion = Completion::kMarker;
    settings_.marker = "_SUCCESS";
  }
  BucketSource Source() {
    return {settings_,
            data_,
            S3Client(
                *settings_.bucket,
                {},
                clock_,
                [](Milliseconds) {},
                [this](const ClientRequest& request, const BodyReceiver& receiver) {
                  return Answer(request, receiver);
                })};
  }
  /// Two keys a page; after each the bucket may change.
  std::optional<ClientResponse> Answer(const ClientRequest& request, const BodyReceiver& receiver) {
    constexpr std::string_view kToken = "continuation-token=";
    const std::size_t at = request.url.find(kToken);
    std::string after;
    if (at != std::string::npos) {
      const std::size_t begin = at + kToken.size();
      after = *HexDecode(request.url.substr(begin, request.url.find('&', begin) - begin));
    }
    std::string contents;
    auto object = objects_.upper_bound(after);
    for (int left = 2; left > 0 && object != objects_.end(); --left, ++object) {
      contents += fmt::format(
          "<Contents><Key>{}</Key><Size>{}</Size><ETag>\"{}\"</ETag>"
          "<LastModified>2026-11-30T12:00:00.000Z</LastModified></Contents>",
          object->first,
          object->second.size(),
          Sha256Hex(object->second).substr(0, 8));
      after = object->first;
    }
    const bool more = object != objects_.end() || endless_;
    ClientResponse answer;
    answer.status = 200;
    receiver.begin(answer);
    receiver.piece(fmt::format(
        "<ListBucketResult><IsTruncated>{}</IsTruncated>{}{}</ListBucketResult>",
        more,
        contents,
        more ? "<NextContinuationToken>" + HexEncode(after) + "</NextContinuationToken>" : ""));
    ++pages_;
    if (change_) change_(pages_);
    return answer;
  }
  std::vector<std::string> Listed(BucketSource& source) {
    std::vector<std::string> paths;
    source.List([this](const std::string& path) { return IsWatchedName(settings_, path); },
                [&](const std::string& path, const ObjectStatus&) { paths.push_back(path); });
    return paths;
  }

  TemporaryFolder folder_;
  WatchSettings settings_;
  WatchedBytes data_{folder_.path()};
  FakeClock clock_;
  std::map<std::string, std::string> objects_;
  std::function<void(int)> change_;
  bool endless_ = false;
  int pages_ = 0;
};

TEST_F(BucketSourceTest, ReadsAllPagesAndLeavesOutWhatIsNoPath) {
  settings_.completion = Completion::kStable;
  for (const char* key :
       {"in/", "in/a.csv", "in/b.csv", "in/.x/c.csv", "in/d//e.csv", "in/../f.csv", "in/g.txt"}) {
    objects_[key] = "1";
  }
  BucketSource source = Source();
  EXPECT_THAT(Listed(source), ElementsAre("a.csv", "b.csv"));
  EXPECT_EQ(pages_, 4);
}

TEST_F(BucketSourceTest, BelievesAMarkerOnlyWithAllThatCameBeforeIt) {
  for (const char* key : {"in/B.csv", "in/C.csv", "in/z.csv"}) objects_[key] = "1";
  // The writer ends while we are between two pages: its first file lies before, its marker behind.
  change_ = [this](int page) {
    if (page == 1) {
      objects_["in/A.csv"] = "1";
      objects_["in/_SUCCESS"] = "";
    }
  };
  BucketSource source = Source();
  EXPECT_THAT(Listed(source), ElementsAre("A.csv", "B.csv", "C.csv", "z.csv"));
  EXPECT_TRUE(source.LookAtMarker("_SUCCESS"));
  // Another marker meanwhile speaks for what the next look will see.
  pages_ = 0;
  change_ = [this](int page) {
    if (page == 3) objects_["in/_SUCCESS"] = "again";
  };
  EXPECT_EQ(Listed(source).size(), 4U);
  EXPECT_FALSE(source.LookAtMarker("_SUCCESS"));
}

TEST_F(BucketSourceTest, RefusesObjectsThatCannotLieInOneFolder) {
  for (const char* key : {"in/a.csv", "in/a.csv.txt", "in/a.csv/b/c.csv"}) objects_[key] = "1";
  BucketSource source = Source();
  EXPECT_THAT([&] { (void)Listed(source); },
              ThrowsMessage<Error>(HasSubstr("\"a.csv\" and \"a.csv/b/c.csv\" cannot lie in one")));
}

TEST_F(BucketSourceTest, EndsAListingThatNeverEnds) {
  endless_ = true;
  objects_["in/a.csv"] = "1";
  BucketSource source = Source();
  EXPECT_THAT([&] { (void)Listed(source); }, ThrowsMessage<Error>(HasSubstr("a longer prefix")));
  EXPECT_EQ(pages_, 2) << "the same token again leads nowhere";
}

TEST(ObjectStates, HoldTheETagWhateverItHolds) {
  const S3Object object{"k", 3, "\"a:b-2\"", *ParseTime("2026-11-30T12:00:00.250Z")};
  EXPECT_EQ(StateOfObject(object), "3:1796040000:\"a:b-2\"");
  EXPECT_EQ(ETagOfState(StateOfObject(object)), "\"a:b-2\"");
  EXPECT_EQ(ETagOfState(""), "");
  EXPECT_EQ(ETagOfState("3:4"), "");
}

}  // namespace
}  // namespace failgate
