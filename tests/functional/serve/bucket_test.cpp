// A new object in a bucket trains a project anew, in the program itself; the bucket is that of
// moto.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "controller/base/digest.h"
#include "tests/functional/serve/installation.h"
#include "tests/support/peers.h"

namespace failgate {
namespace {

using Json = nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kPipeline = R"(project: shop
triggers:
  data: {watch: [{name: sales, at: data/sales}]}
steps:
  - name: train
    level: train
    run: cat data/sales/*.csv > model
    training: {code: degraded}
    artifacts: [{name: model, path: model}]
)";

class BucketOfTheProgram : public ::testing::Test {
 protected:
  void SetUp() override {
    if (const std::string missing = MissingPeer("moto"); !missing.empty()) GTEST_SKIP() << missing;
    moto_.emplace(world_.folder());
    moto_->Put("acme-data");
    const auto reader = moto_->AddPerson("failgate", "s3:*");
    secret_ = reader.second;
    WriteFileDurably(world_.folder() / "server/s3-secret", secret_ + "\n", 0600);
    WriteFileDurably(world_.folder() / "server/s3-access", reader.first + "\n", 0600);
    world_.WriteServerFile(
        fmt::format("watch:\n"
                    "  - name: sales\n"
                    "    kind: files\n"
                    "    path: s3://acme-data/sales\n"
                    "    complete: {{marker: .done}}\n"
                    "    rescan: 1s\n"
                    "    projects: [shop]\n"
                    "    s3: {{endpoint: '{}', access_key: {{file: s3-access}}, "
                    "secret_key: {{file: s3-secret}}}}\n",
                    moto_->url()));
  }
  ~BucketOfTheProgram() override {
    if (HasFailure()) std::fputs(world_.log().c_str(), stderr);
  }
  Json AwaitRelease(const std::string& bytes) {
    Json found;
    world_.WaitFor("a release of " + bytes, [&] {
      for (const Json& run : world_.Get("/api/v1/runs?project=shop&limit=50")) {
        if (run["data"] == "sales@sha256:" + Sha256Hex(bytes) && run["release"].is_string()) {
          found = run;
          return true;
        }
      }
      return false;
    });
    return found;
  }

  Installation world_{{{"shop", "github", "1h", "", ""}}};
  std::optional<MotoPeer> moto_;
  std::string secret_;
};

TEST_F(BucketOfTheProgram, given_a_new_object_when_its_marker_is_there_then_a_run_sees_its_bytes) {
  world_.Start();
  const CommitId head = world_.Push("shop", {{"failgate.yaml", kPipeline}});
  ASSERT_EQ(world_.SendWebhook("shop", head)->status, 202);
  moto_->Put("acme-data/sales/a.csv", "1\n");
  moto_->Put("acme-data/sales/a.csv.done");
  const Json run = AwaitRelease("1\n");
  EXPECT_EQ(run["trigger"], "data");
  EXPECT_EQ(run["revision"], head.text());
  Json record;
  world_.WaitFor("readers see it", [&] {
    record = world_.Get("/api/v1/projects/shop/releases/" + run["release"].get<std::string>());
    return record.is_object();
  });
  EXPECT_EQ(record["artifacts"][0]["sha256"], Sha256Hex("1\n")) << record.dump();

  // Who lost the right to read says so, triggers nothing, and goes on when it is given back.
  moto_->CheckAccess(true);
  const CommandResult well = world_.Cli({"doctor", "--config", world_.config().string()}, "");
  EXPECT_THAT(well.out, HasSubstr("watch sales: s3://acme-data/sales answers at " + moto_->url()));
  WriteFileDurably(world_.folder() / "server/s3-secret", "another-secret\n", 0600);
  const auto trouble = [&] {
    const Json text = world_.Get("/api/v1/watches").at(0).at("trouble");
    return text.is_string() ? text.get<std::string>() : std::string();
  };
  world_.WaitFor("the trouble is told", [&] { return !trouble().empty(); });
  EXPECT_THAT(trouble(), HasSubstr("listing s3://acme-data/sales/: S3 answered 403"));
  EXPECT_THAT(world_.Cli({"doctor", "--config", world_.config().string()}, "").out,
              AllOf(HasSubstr("watch sales: listing s3://acme-data/sales/: S3 answered 403"),
                    Not(HasSubstr("another-secret"))));
  moto_->CheckAccess(false);
  moto_->Put("acme-data/sales/a.csv", "2\n");
  moto_->Put("acme-data/sales/a.csv.done");
  moto_->CheckAccess(true);
  WriteFileDurably(world_.folder() / "server/s3-secret", secret_ + "\n", 0600);
  EXPECT_EQ(AwaitRelease("2\n")["trigger"], "data");
  EXPECT_EQ(trouble(), "");
  EXPECT_THAT(world_.log(), AllOf(Not(HasSubstr(secret_)), Not(HasSubstr("another-secret"))));
  const Json runs = world_.Get("/api/v1/runs?project=shop&limit=50");
  EXPECT_EQ(std::count_if(
                runs.begin(), runs.end(), [](const Json& one) { return one["trigger"] == "data"; }),
            2);
}

}  // namespace
}  // namespace failgate
