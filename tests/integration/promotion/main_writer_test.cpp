#include "controller/promotion/main_writer.h"

#include <gtest/gtest.h>

#include "controller/base/text.h"
#include "controller/promotion/wish.h"
#include "tests/integration/deploylog/log_world.h"

namespace failgate {
namespace {

class MainWriter : public testing::Test {
 protected:
  MainWriter() : first_(Fetched("first")), second_(Fetched("second")) {}

  std::unique_ptr<DeployLog> Fetched(const std::string& mirror) {
    auto log = world_.Controller(mirror);
    log->Fetch();
    return log;
  }
  MainWritten Write(DeployLog& log, const std::string& request) {
    MainEdit edit;
    edit.path = "desired/prod/churn.yaml";
    edit.subject = "Want churn-1 in prod";
    edit.request = request;
    edit.restate = true;
    edit.person = Person{"Dana Petit", "dana@example.com"};
    edit.edit = [](const std::optional<std::string>& text) -> Parsed<std::string> {
      return text.value_or("release: churn-1\n");
    };
    return WriteMain(log, world_.key, edit, world_.clock.Now()).value();
  }
  std::string CountOf(const std::string& request) {
    GitWorld& operations = world_.operations;
    return std::string(Trim(operations.git().Run(
        operations.origin(), {"rev-list", "--count", "--grep=" + request, "main"})));
  }

  LogWorld world_;
  std::unique_ptr<DeployLog> first_;
  std::unique_ptr<DeployLog> second_;
};

TEST_F(MainWriter, DoesARequestOnceThoughItsPushLandedUnseen) {
  // The push of a life that was killed lands after the next life has fetched.
  const MainWritten landed = Write(*first_, "request-1");
  world_.clock.Advance(std::chrono::seconds(2));
  const MainWritten again = Write(*second_, "request-1");
  EXPECT_EQ(again.commit, landed.commit);
  EXPECT_TRUE(again.already);
  EXPECT_EQ(CountOf("request-1"), "1");
}

TEST_F(MainWriter, RestatesWhatAnotherRequestSaid) {
  Write(*first_, "request-1");
  const MainWritten other = Write(*second_, "request-2");
  EXPECT_FALSE(other.already);
  EXPECT_EQ(CountOf("request-2"), "1");
}

TEST_F(MainWriter, TakesNobodysWordThatARequestIsDone) {
  world_.operations.Commit({{"notes.txt", "hello\n"}},
                           WishMessage("Want", "request-1", "promote", ""));
  world_.operations.Push();
  const MainWritten written = Write(*first_, "request-1");
  EXPECT_FALSE(written.already);
  EXPECT_EQ(CountOf("request-1"), "2");
}

}  // namespace
}  // namespace failgate
