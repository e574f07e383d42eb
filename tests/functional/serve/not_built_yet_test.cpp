// Words of the contract that this version does not have: each is refused by name, none is ignored.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/functional/serve/installation.h"

namespace failgate {
namespace {

using ::testing::HasSubstr;

constexpr const char* kRefusal = "not available in this version";

class NotBuiltYet : public ::testing::Test {
 protected:
  /// `failgate validate` of one file below an empty folder.
  CommandResult Validate(const std::string& name, const std::string& text) {
    const auto file = world_.folder() / "files" / name;
    CreateFolders(file.parent_path());
    WriteFileDurably(file, text);
    return world_.Cli({"validate", file.string()}, "");
  }
  void ExpectRefused(const std::string& word, const std::string& name, const std::string& text) {
    const CommandResult result = Validate(name, text);
    const std::string said = result.out + result.err;
    EXPECT_EQ(result.exit_code, 2) << word << ": " << said;
    EXPECT_THAT(said, HasSubstr(kRefusal)) << word;
    EXPECT_THAT(said, HasSubstr(word));
  }

  Installation world_{{{"shop", "github", "1h", "", ""}}};
};

TEST_F(NotBuiltYet, given_a_target_or_a_word_beside_it_when_it_is_not_built_then_it_is_refused) {
  for (const char* target : {"docker",
                             "compose",
                             "kubernetes",
                             "terraform",
                             "ansible",
                             "ecs",
                             "airflow",
                             "jupyterhub",
                             "process",
                             "plugin"}) {
    ExpectRefused(target,
                  "environments/prod/shop.yaml",
                  fmt::format("deploy:\n  - name: app\n    {}: {{}}\n", target));
  }
  const std::string deploy =
      "deploy:\n  - name: app\n    directory: {path: /srv/a, artifacts: [app]}\n";
  ExpectRefused("skip_if", "environments/prod/shop.yaml", deploy + "    skip_if: 'true'\n");
  ExpectRefused("drift.prune", "environments/prod/shop.yaml", deploy + "drift: {prune: true}\n");
  ExpectRefused("${{ }}",
                "environments/prod/shop.yaml",
                "deploy:\n  - name: app\n    directory: {path: '/srv/${{ x }}', artifacts: [a]}\n");
}

TEST_F(NotBuiltYet, given_a_word_of_the_pipeline_when_it_is_not_built_then_it_is_refused) {
  for (const char* key : {"image: debian", "secrets: [a]", "cache: [out]", "services: [db]"}) {
    const std::string word = std::string(key).substr(0, std::string(key).find(':'));
    ExpectRefused(
        word,
        "failgate.yaml",
        fmt::format("project: shop\nsteps:\n  - {{name: a, level: unit, run: 'true', {}}}\n", key));
  }
}

TEST_F(NotBuiltYet, given_a_word_of_the_server_file_when_it_is_not_built_then_it_is_refused) {
  const std::string server = ReadFile(world_.config());
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string text = server;
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
  };
  ASSERT_EQ(Validate("server.yaml", server).exit_code, 0);
  for (const char* kind : {"docker", "kubernetes"}) {
    ExpectRefused(kind, "server.yaml", with("kind: local", fmt::format("kind: {}", kind)));
  }
  for (const char* kind : {"s3", "artifactory", "oci"}) {
    ExpectRefused(kind, "server.yaml", server + fmt::format("artifacts: {{kind: {}}}\n", kind));
  }
  ExpectRefused("postgresql", "server.yaml", server + "store: postgresql://db/failgate\n");
  ExpectRefused(
      "code_from", "server.yaml", with("targets: {allow", "targets: {code_from: release, allow"));
}

TEST_F(NotBuiltYet, given_a_route_when_it_is_not_built_then_it_says_so) {
  world_.Start();
  EXPECT_THAT(world_.Fetch("/")->body, HasSubstr(kRefusal));
}

}  // namespace
}  // namespace failgate
