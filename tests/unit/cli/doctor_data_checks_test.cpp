#include <gtest/gtest.h>

#include <filesystem>

#include "controller/base/durable_file.h"
#include "controller/cli/doctor_checks.h"

namespace failgate {
namespace {

class DvcFolderCheck : public ::testing::Test {
 protected:
  DoctorCheck Check() {
    ServerFile server;
    SourceSettings source;
    source.name = SourceName("churn");
    server.sources.push_back(source);
    source.name = SourceName("sales");
    source.dvc_remote = dvc_;
    server.sources.push_back(source);
    const auto checks = CheckDvcFolders(server);
    EXPECT_EQ(checks.size(), 1U) << "only of sources with dvc";
    return checks.at(0);
  }

  TemporaryFolder folder_;
  std::filesystem::path dvc_ = folder_.path() / "dvc";
};

TEST_F(DvcFolderCheck, FailsWhileTheFolderIsNotThere) {
  EXPECT_EQ(Check().state, CheckState::kFail);
  EXPECT_EQ(Check().name, "source sales dvc");
  WriteFileDurably(dvc_, "a file");
  EXPECT_EQ(Check().state, CheckState::kFail);
}

TEST_F(DvcFolderCheck, WarnsWhenItIsLaidOutAsSomethingElse) {
  CreateFolders(dvc_ / "files");
  CreateFolders(dvc_ / "xy");
  EXPECT_EQ(Check().state, CheckState::kWarn);
  EXPECT_FALSE(Check().remedy.empty());
}

TEST_F(DvcFolderCheck, TakesTheLayoutsOfDvc2And3) {
  CreateFolders(dvc_ / "d4");
  EXPECT_EQ(Check().state, CheckState::kOk);
  EXPECT_NE(Check().text.find("DVC 2"), std::string::npos);
  CreateFolders(dvc_ / "files/md5");
  EXPECT_NE(Check().text.find("DVC 3"), std::string::npos);
}

}  // namespace
}  // namespace failgate
