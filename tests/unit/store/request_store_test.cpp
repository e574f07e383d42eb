#include "controller/store/request_store.h"

#include <gtest/gtest.h>

#include "controller/base/error.h"
#include "tests/unit/store/store_world.h"

namespace failgate {
namespace {

TEST(RequestStore, KeepsAWishOpenUntilItIsAnsweredOnce) {
  StoreWorld world;
  RequestStore requests(world.database, world.clock);
  Request wish;
  wish.kind = "promote";
  wish.project = ProjectName("churn");
  wish.person = Person{"Alice", "alice@example.com"};
  wish.role = Role::kDeveloper;
  wish.options_json = "{}";
  const std::string id = requests.Add(wish);
  ASSERT_EQ(requests.Open().size(), 1U);
  EXPECT_EQ(requests.Open().at(0).person.email, "alice@example.com");
  EXPECT_THROW(requests.Finish(id, RequestState::kOpen, ""), Error);
  EXPECT_TRUE(requests.Finish(id, RequestState::kRefused, "{\"why\":1}"));
  EXPECT_FALSE(requests.Finish(id, RequestState::kDone, ""));
  EXPECT_TRUE(requests.Open().empty());
  EXPECT_EQ(requests.Get(id)->state, RequestState::kRefused);
  EXPECT_EQ(requests.Get(id)->answer_json, "{\"why\":1}");
  EXPECT_FALSE(requests.Get("unknown").has_value());
}

TEST(RequestStore, KeepsTheOrderOfWishes) {
  StoreWorld world;
  RequestStore requests(world.database, world.clock);
  std::vector<std::string> ids;
  for (int i = 0; i < 20; ++i) ids.push_back(requests.Add(Request()));
  const std::vector<Request> open = requests.Open();
  ASSERT_EQ(open.size(), ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i) EXPECT_EQ(open[i].id, ids[i]);
}

}  // namespace
}  // namespace failgate
