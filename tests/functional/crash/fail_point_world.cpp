#include "tests/functional/crash/fail_point_world.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>

#include "controller/base/fail_point.h"

namespace failgate {
namespace {

using Json = Installation::Json;

Flow FlowTo(std::string_view place) {
  if (place == "taken-over") return Flow::kStart;
  if (place == "health-failed" || place == "rolling-back") return Flow::kBadHealth;
  if (place == "removal-begun" || place == "link-removed" || place == "removal-done") {
    return Flow::kRemoval;
  }
  // tests/functional/serve/mlflow_test.cpp walks these.
  if (place.substr(0, 7) == "mlflow-") return Flow::kMlflow;
  if (place.substr(0, 6) == "check-") return Flow::kChecks;
  if (place.substr(0, 5) == "watch" || place == "triggered-run-created") return Flow::kWatch;
  if (place == "drift-seen" || place == "healing") return Flow::kDrift;
  if (place == "request-taken" || place == "request-finished" || place == "main-drafted" ||
      place == "main-pushed") {
    return Flow::kRequest;
  }
  return Flow::kPush;
}

/// Places that one flow passes often, each time with something else at stake: a log is appended to
/// for `started`, then for a release, its promotion, its deployment.
std::vector<std::string> PassagesOf(std::string_view place) {
  std::vector<int> passages = {1};
  if (place == "log-drafted" || place == "log-pushed") passages = {1, 2, 3, 4};
  if (place == "remote-running") passages = {1, 5, 8};
  if (place == "step-ended") passages = {1, 3};
  if (FlowTo(place) == Flow::kChecks) passages = {1, 2};  // before the deployment and after it
  if (place == "owed-pushed") passages = {1, 2};
  std::vector<std::string> armed;
  for (const int passage : passages) armed.push_back(fmt::format("{}:{}", place, passage));
  return armed;
}

}  // namespace

FailPointWorld::~FailPointWorld() {
  if (HasFailure()) std::fputs(world_.at().log().c_str(), stderr);
}

void FailPointWorld::DieAtEachPlaceOf(const std::vector<Flow>& flows,
                                      const std::function<void(const std::string&)>& die) {
  ASSERT_TRUE(world_.Start());
  int places = 0;
  for (const std::string_view place : kFailPoints) {
    if (std::find(flows.begin(), flows.end(), FlowTo(place)) == flows.end()) continue;
    for (const std::string& armed : PassagesOf(place)) {
      SCOPED_TRACE(armed);
      die(armed);
      ASSERT_EQ(FaultsOfLog(ReadLog(world_.at())), Faults());
      ASSERT_FALSE(HasFailure());
      ++places;
    }
  }
  EXPECT_GT(places, 0);
  ExpectTheBooksAreRight();
}

void FailPointWorld::Begin(const std::string& armed) {
  world_.Kill();
  world_.Arm(armed);
  static_cast<void>(world_.Start());
}

void FailPointWorld::GoOn(const std::string& armed) {
  world_.AwaitDeathAt(armed);
  world_.Arm("");
  ASSERT_TRUE(world_.Start());
}

void FailPointWorld::PushTo(PushedStream& stream) {
  stream.heads.push_back(
      world_.at().Push(stream.project, FilesOf({stream.project, std::to_string(++pushes_)})));
}

bool FailPointWorld::Tell(PushedStream& stream) {
  const auto answer = world_.at().SendWebhook(stream.project, stream.heads.back());
  if (!answer || answer->status != 202) return false;
  stream.accepted.push_back(Json::parse(answer->body)["delivery"].get<std::string>());
  return true;
}

std::string FailPointWorld::AwaitRelease(const PushedStream& stream) {
  const Json run = world_.at().AwaitRun(stream.project, stream.heads.back());
  EXPECT_EQ(run["state"], "succeeded") << run.dump();
  return run["release"].is_string() ? run["release"].get<std::string>() : std::string();
}

void FailPointWorld::ExpectTheBooksAreRight() {
  const Installation& world = world_.at();
  world.WaitFor("nothing is on its way", [&] {
    const Json deliveries = world.Deliveries();
    return std::all_of(deliveries.begin(), deliveries.end(), [](const Json& delivery) {
      return delivery["status"] == "done";
    });
  });
  const std::array<const PushedStream*, 2> streams{&shop_, &cart_};
  // The last push is still climbing, perhaps: between link and fact the two may differ.
  world.WaitFor("nothing is being deployed", [&] {
    const Json rows = world.Get("/api/v1/status");
    return rows.is_array() &&
           std::none_of(rows.begin(),
                        rows.end(),
                        [](const Json& row) { return row["state"] == "deploying"; }) &&
           std::all_of(streams.begin(), streams.end(), [&](const PushedStream* stream) {
             return stream->heads.empty() || FaultsOfFolders(world, stream->project).empty();
           });
  });
  const auto log = ReadLog(world);
  for (const PushedStream* stream : streams) {
    if (stream->heads.empty()) continue;
    const auto releases = ReadReleases(world, stream->project);
    EXPECT_EQ(FaultsOfReleases(log, releases, *stream), Faults());
    EXPECT_EQ(releases.size(), stream->heads.size()) << "none was overtaken";
    EXPECT_EQ(FaultsOfRuns(world, log, releases, *stream, {}), Faults());
    EXPECT_EQ(FaultsOfFolders(world, stream->project), Faults());
  }
  EXPECT_EQ(FaultsOfDeliveries(world, {shop_, cart_}), Faults());
  EXPECT_EQ(FaultsOfMain(world), Faults());
  EXPECT_EQ(FaultsOfAudit(world), Faults());
}

}  // namespace failgate
