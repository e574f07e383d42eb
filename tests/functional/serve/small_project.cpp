#include "tests/functional/serve/small_project.h"

#include <fmt/format.h>

namespace failgate {
namespace {

constexpr const char* kPipeline = R"(project: {}
triggers:
  code: {{branches: [main], ignore: ["docs/**"]}}
  check: {{branches: ["*"], until: integration}}
steps:
  - name: unit
    level: unit
    run: sh unit.sh
    reports: {{tests: out/unit.xml, coverage: out/lcov.info}}
    timeout: 1m
  - name: package
    level: build
    run: |
      mkdir -p out/app
      yes "$FAILGATE_PROJECT $FAILGATE_REVISION" | head -c 65536 > out/app/payload
      sha256sum < out/app/payload > out/app/sum
    artifacts: [{{name: app, path: out/app}}]
    timeout: 1m
  - name: functional
    level: functional
    needs: [package]
    run: |
      test -s out/app/payload
      printf '<testsuite name="f" tests="1"><testcase classname="f" name="given_x_when_y_then_z"/></testsuite>' > out/f.xml
    reports: {{tests: out/f.xml}}
    timeout: 1m
)";

constexpr const char* kUnit = R"sh(set -e
mkdir -p out
failing=$(cat failing)
covered=$(cat covered)
{
  printf '<testsuite name="unit" tests="2" failures="%s">' "$failing"
  for test in 1 2; do
    printf '<testcase classname="unit" name="test_%s">' "$test"
    if [ "$test" -le "$failing" ]; then printf '<failure message="broken"/>'; fi
    printf '</testcase>'
  done
  printf '</testsuite>'
} > out/unit.xml
{
  echo 'SF:app.sh'
  for line in 1 2 3 4 5 6 7 8 9 10; do
    if [ "$line" -le "$covered" ]; then echo "DA:$line,1"; else echo "DA:$line,0"; fi
  done
  echo end_of_record
} > out/lcov.info
test "$failing" -eq 0
)sh";

}  // namespace

Files FilesOf(const SmallProject& project) {
  std::string app;
  for (int line = 1; line <= 10; ++line) app += fmt::format("echo '{} {}'\n", project.text, line);
  return {{"failgate.yaml", fmt::format(kPipeline, project.name)},
          {"unit.sh", kUnit},
          {"app.sh", app},
          {"failing", fmt::format("{}\n", project.failing_tests)},
          {"covered", fmt::format("{}\n", project.covered_lines)}};
}

Files LadderFiles() {
  return {{"environments/dev/environment.yaml",
           "policy: deployment\n"
           "gates:\n"
           "  tests: {levels: [unit]}\n"},
          {"environments/recette/environment.yaml",
           "after: dev\n"
           "policy: deployment\n"
           "gates:\n"
           "  tests: {levels: [unit, functional]}\n"
           "  coverage: {lines: 80}\n"},
          {"environments/prod/environment.yaml",
           "after: recette\n"
           "policy: delivery\n"
           "gates:\n"
           "  tests: {levels: [unit, functional]}\n"
           "  coverage: {lines: 80}\n"
           "  approvals:\n"
           "    count: 2\n"
           "    from: [alice@example.com, bob@example.com, carol@example.com]\n"
           "    not: [author, requester]\n"}};
}

std::string DeploymentFile(const std::filesystem::path& live,
                           const std::string& environment,
                           const std::string& project) {
  return fmt::format(
      "deploy:\n"
      "  - name: app\n"
      "    directory: {{path: \"{}/{}/{}\", artifacts: [app]}}\n"
      "drift: {{every: 1s, heal: true}}\n"
      "on_failure: rollback\n",
      live.string(),
      environment,
      project);
}

}  // namespace failgate
