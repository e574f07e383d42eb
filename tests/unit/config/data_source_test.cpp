// Sources of kind data, and where DVC keeps its bytes.
#include <gtest/gtest.h>

#include "controller/config/server_file.h"

namespace failgate {
namespace {

Parsed<ServerFile> Read(const std::string& sources) {
  return ParseServerFile(
      "controller: main\ndata_dir: /data\n"
      "operations: {url: /o.git, signing_key: {file: key}}\n"
      "sources:\n" +
          sources,
      "/etc/failgate.yaml");
}

std::string WhyNot(const std::string& sources) {
  const Parsed<ServerFile> server = Read(sources);
  return server ? "" : Describe(server.error());
}

constexpr const char* kChurn = "  - {name: churn, url: /churn.git, projects: [churn]}\n";

TEST(DataSource, IsReadBesideTheCodeOfItsProjects) {
  const Parsed<ServerFile> server =
      Read(std::string(kChurn) +
           "  - {name: risk, url: /risk.git, projects: [risk]}\n"
           "  - {name: sales, url: /sales.git, kind: data, projects: [risk, churn]}\n"
           "  - {name: labels, url: /l.git, kind: data, branch: live/v2, projects: [churn]}\n");
  ASSERT_TRUE(server.has_value()) << Describe(server.error());
  ASSERT_EQ(server->sources.size(), 4U);
  EXPECT_EQ(server->sources[2].kind, SourceKind::kData);
  EXPECT_EQ(server->sources[2].branch, "main");
  EXPECT_EQ(server->sources[3].branch, "live/v2");
  EXPECT_EQ(server->SourceOf(ProjectName("churn"))->name, SourceName("churn"));
}

TEST(DataSource, NeedsAProjectWithCode) {
  EXPECT_NE(WhyNot("  - {name: sales, url: /s.git, kind: data, projects: [churn]}\n")
                .find("sales is data of the project churn, which has no source of kind code"),
            std::string::npos);
}

TEST(DataSource, AloneHasABranch) {
  EXPECT_NE(WhyNot("  - {name: churn, url: /c.git, projects: [churn], branch: main}\n")
                .find("branch: goes with kind: data"),
            std::string::npos);
  EXPECT_NE(WhyNot(std::string(kChurn) +
                   "  - {name: s, url: /s.git, kind: data, branch: a..b, projects: [churn]}\n")
                .find("is no branch"),
            std::string::npos);
}

TEST(DvcRemote, IsAFolderOfThisMachine) {
  const auto with = [](const std::string& remote) {
    return "  - {name: churn, url: /c.git, projects: [churn], dvc: {remote: '" + remote + "'}}\n";
  };
  EXPECT_EQ(Read(with("/srv/dvc"))->sources[0].dvc_remote, "/srv/dvc");
  EXPECT_NE(WhyNot(with("s3://bucket/dvc")).find("DVC remotes that are folders only"),
            std::string::npos);
  EXPECT_NE(WhyNot(with("https://dvc.example.com")).find("DVC remotes that are folders only"),
            std::string::npos);
  EXPECT_NE(WhyNot(with("dvc")).find("must be an absolute path"), std::string::npos);
}

}  // namespace
}  // namespace failgate
