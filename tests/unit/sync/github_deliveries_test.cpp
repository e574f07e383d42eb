#include "controller/sync/github_deliveries.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

namespace failgate {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const TimePoint kNow = *ParseTime("2026-11-25T12:00:00Z");

GithubAttempt Try(std::int64_t id, const char* guid, Milliseconds age, bool succeeded) {
  GithubAttempt attempt;
  attempt.id = id;
  attempt.guid = guid;
  attempt.event = "push";
  attempt.at = kNow - age;
  attempt.succeeded = succeeded;
  return attempt;
}

GithubAttempt Again(GithubAttempt attempt) {
  attempt.redelivery = true;
  return attempt;
}

constexpr Milliseconds kHour = std::chrono::hours(1);

TEST(ChooseRedeliveries, TakesWhatNeverSucceededOldestFirst) {
  EXPECT_THAT(ChooseRedeliveries({Try(4, "d", kHour, false),
                                  Try(3, "c", 2 * kHour, true),
                                  Try(2, "b", 3 * kHour, false),
                                  Try(1, "a", 4 * kHour, false)},
                                 kNow),
              ElementsAre(1, 2, 4));
}

TEST(ChooseRedeliveries, LeavesWhatSucceededAtAnyTry) {
  EXPECT_THAT(
      ChooseRedeliveries({Again(Try(2, "a", kHour, true)), Try(1, "a", 2 * kHour, false)}, kNow),
      IsEmpty());
  EXPECT_THAT(
      ChooseRedeliveries({Again(Try(2, "a", kHour, false)), Try(1, "a", 2 * kHour, true)}, kNow),
      IsEmpty());
}

TEST(ChooseRedeliveries, NamesTheNewestTryAndStopsAfterThree) {
  std::vector<GithubAttempt> tries = {Again(Try(3, "a", kHour, false)),
                                      Again(Try(2, "a", 2 * kHour, false)),
                                      Try(1, "a", 3 * kHour, false)};
  EXPECT_THAT(ChooseRedeliveries(tries, kNow), ElementsAre(3));
  tries.push_back(Again(Try(4, "a", kHour / 2, false)));
  EXPECT_THAT(ChooseRedeliveries(tries, kNow), IsEmpty());
}

TEST(ChooseRedeliveries, LeavesWhatIsUnderWayTooOldOrNoPush) {
  GithubAttempt issue = Try(3, "c", kHour, false);
  issue.event = "issues";
  EXPECT_THAT(ChooseRedeliveries({Try(1, "a", Milliseconds(1000), false),
                                  Try(2, "b", kGithubRedeliveryWindow + kHour, false),
                                  issue},
                                 kNow),
              IsEmpty());
}

TEST(ChooseRedeliveries, AsksForABoundedNumber) {
  std::vector<GithubAttempt> many;
  for (int i = 0; i < 200; ++i) {
    many.push_back(Try(i, std::to_string(i).c_str(), kHour + Milliseconds(i), false));
  }
  EXPECT_EQ(ChooseRedeliveries(many, kNow).size(), kMaxRedeliveriesAtOnce);
}

TEST(ReadGithubAttempts, ReadsWhatIsDocumentedAndRefusesAnythingElse) {
  const auto read = ReadGithubAttempts(
      R"([{"id": 12345678, "guid": "0b989ba4", "delivered_at": "2026-11-25T09:00:00Z",
           "redelivery": true, "duration": 0.27, "status": "OK", "status_code": 200,
           "event": "push", "action": null}])");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->at(0).id, 12345678);
  EXPECT_TRUE(read->at(0).succeeded);
  EXPECT_TRUE(read->at(0).redelivery);
  for (const char* bad :
       {"", "{}", "[1]", "[{}]", R"([{"id": "1", "guid": "a"}])", "[[]]", "nil"}) {
    EXPECT_FALSE(ReadGithubAttempts(bad)) << bad;
  }
}

TEST(FindGithubHook, FindsTheOneThatSendsToUs) {
  const char* hooks = R"([{"id": 1, "config": {"url": "https://other.example.com/hooks/churn"}},
                          {"id": 2, "config": {"url": "https://failgate.example.com/hooks/churn"}}])";
  EXPECT_EQ(**FindGithubHook(hooks, "https://failgate.example.com/hooks/churn"), 2);
  EXPECT_FALSE(FindGithubHook(hooks, "https://failgate.example.com/hooks/risk")->has_value());
  EXPECT_FALSE(FindGithubHook("{}", "x"));
  EXPECT_FALSE(FindGithubHook("[1]", "x"));
}

TEST(NextGithubCursor, TakesTheCursorAndNothingElseOfAnAddress) {
  EXPECT_EQ(
      NextGithubCursor("<https://evil.example.com/x?per_page=100&cursor=v1_17>; rel=\"next\""),
      "v1_17");
  EXPECT_EQ(NextGithubCursor("<https://a/?cursor=old>; rel=\"prev\", <https://a/?cursor=new&x=1>; "
                             "rel=\"next\""),
            "new");
  for (const char* none : {"",
                           "<https://a/?cursor=x>; rel=\"prev\"",
                           "rel=\"next\"",
                           "<https://a/?cursor=>; rel=\"next\""}) {
    EXPECT_FALSE(NextGithubCursor(none)) << none;
  }
}

TEST(GithubApiOf, FollowsTheHostOfTheSource) {
  EXPECT_EQ(GithubApiOf("https://github.com/acme/churn.git"), "https://api.github.com");
  EXPECT_EQ(GithubApiOf("https://git.acme.com:8443/ml/churn"), "https://git.acme.com:8443/api/v3");
  EXPECT_FALSE(GithubApiOf("git@github.com:acme/churn.git"));
  EXPECT_EQ(GithubRepositoryOf("https://github.com/acme/churn.git"), "acme/churn");
  EXPECT_FALSE(GithubRepositoryOf("https://github.com/acme"));
  EXPECT_FALSE(GithubRepositoryOf("https://github.com/a/b/c"));
}

}  // namespace
}  // namespace failgate
