// The table "What is written before what", row by row: the server dies at each named place while
// new data outside of git is on its way, and a new life makes just one run of it.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "controller/base/digest.h"
#include "tests/functional/crash/fail_point_world.h"

namespace failgate {
namespace {

class FailPointsOfAWatch : public FailPointWorld {
 protected:
  FailPointsOfAWatch() {
    CreateFolders(sales_);
    world_.at().WriteServerFile(
        fmt::format("watch: [{{name: sales, kind: files, path: {}, complete: rename, projects: "
                    "[shop]}}]\n",
                    sales_.string()));
    Files files = FilesOf({"shop", "watched"});
    std::string& pipeline = files["failgate.yaml"];
    pipeline.insert(pipeline.find("triggers:\n") + 10,
                    "  data: {watch: [{name: sales, at: sales}]}\n");
    world_.at().Push("shop", files);
  }
  void DieWhileWatching(const std::string& armed) {
    Begin(armed);
    const std::string bytes = fmt::format("{}\n", ++versions_);
    WriteFileDurably(sales_ / ".new", bytes);
    std::filesystem::rename(sales_ / ".new", sales_ / "data.csv");
    GoOn(armed);
    const std::string data = "sales@sha256:" + Sha256Hex(bytes);
    world_.at().WaitFor("a release of " + data, [&] {
      const auto runs = RunsOf(data);
      return !runs.empty() && runs.front()["release"].is_string();
    });
    EXPECT_EQ(RunsOf(data).size(), 1U);
  }
  /// Data runs that rest on this version.
  [[nodiscard]] Installation::Json RunsOf(const std::string& data) {
    auto found = Installation::Json::array();
    for (const auto& run : world_.at().Get("/api/v1/runs?project=shop&limit=200")) {
      if (run["trigger"] == "data" && run["data"] == data) found.push_back(run);
    }
    return found;
  }
  std::filesystem::path sales_ = world_.at().folder() / "sales";
  int versions_ = 0;
};

TEST_F(FailPointsOfAWatch,
       given_new_data_when_killed_at_each_place_of_its_way_then_it_is_trained_on_once) {
  DieAtEachPlaceOf({Flow::kWatch}, [this](const std::string& armed) { DieWhileWatching(armed); });
}

}  // namespace
}  // namespace failgate
