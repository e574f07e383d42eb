#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
#include <string>

#include "controller/pipeline/pipeline_file.h"

namespace failgate {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

struct Refused {
  std::string name;
  std::string text;
  std::string place;  ///< "failgate.yaml:LINE:COLUMN"
  std::string says;
};

void PrintTo(const Refused& refused, std::ostream* out) {
  *out << refused.text;
}

class PipelineRefusal : public ::testing::TestWithParam<Refused> {};

TEST_P(PipelineRefusal, NamesThePlaceAndWhatToDo) {
  const auto pipeline = ParsePipeline(GetParam().text, "failgate.yaml");
  ASSERT_FALSE(pipeline.has_value());
  EXPECT_THAT(Describe(pipeline.error()),
              AllOf(HasSubstr(GetParam().place), HasSubstr(GetParam().says)));
}

std::string Steps(const std::string& step) {
  return "project: churn\nsteps:\n  - " + step + "\n";
}
std::string Step(const std::string& keys) {
  return Steps("{name: a, level: unit, run: make, " + keys + "}");
}
std::string Two(const std::string& a, const std::string& b) {
  return "project: churn\nsteps:\n  - {name: a, level: unit, run: make, " + a +
         "}\n  - {name: b, level: unit, run: make, " + b + "}\n";
}
std::string Trigger(const std::string& keys) {
  return "project: churn\ntriggers: {" + keys + "}\nsteps: [{name: a, level: unit, run: make}]\n";
}

INSTANTIATE_TEST_SUITE_P(
    File,
    PipelineRefusal,
    ::testing::Values(
        Refused{
            "no_project", "steps: [{name: a, level: unit, run: x}]", ":1:", "needs \"project\""},
        Refused{"bad_project",
                "project: Churn\nsteps: [{name: a, level: unit, run: x}]",
                ":1:10",
                "not a name"},
        Refused{"reserved_project",
                "project: releases\nsteps: [{name: a, level: unit, run: x}]",
                ":1:10",
                "reserved"},
        Refused{"empty_file", "", "failgate.yaml:1:1: ", "needs \"project\""},
        Refused{"only_a_comment", "# to do\n", "failgate.yaml:1:1: ", "needs \"steps\""},
        Refused{"no_steps", "project: churn", "failgate.yaml", "needs \"steps\""},
        Refused{"empty_steps", "project: churn\nsteps: []", ":2:8", "at least one step"},
        Refused{"steps_mapping", "project: churn\nsteps: {a: 1}", ":2:8", "at least one step"},
        Refused{"unknown_key",
                "projct: churn\nsteps: [{name: a, level: unit, run: x}]",
                ":1:1",
                "did you mean \"project\""},
        Refused{"not_yaml", "project: [churn", "failgate.yaml:", ""},
        Refused{"twice",
                "project: a\nproject: b\nsteps: [{name: a, level: unit, run: x}]",
                ":2:1",
                "project"}),
    [](const auto& test) { return test.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Step,
    PipelineRefusal,
    ::testing::Values(
        Refused{"repeat_word", Step("repeat: often, reports: {tests: a}"), ":3:", "shuffled"},
        Refused{"repeat_list", Step("repeat: [x], reports: {tests: a}"), ":3:", "{shuffle: TOOL}"},
        Refused{"repeat_nothing", Step("repeat: true"), ":3:", "name a report of tests or metrics"},
        Refused{"repeat_coverage",
                Step("repeat: true, reports: {coverage: a}"),
                ":3:",
                "name a report of tests or metrics"},
        Refused{"repeat_tool",
                Step("repeat: {shuffle: pytest}, reports: {tests: a}"),
                ":3:",
                "pytest-randomly"},
        Refused{"repeat_key",
                Step("repeat: {shufle: go}, reports: {tests: a}"),
                ":3:",
                "did you mean \"shuffle\""},
        Refused{"regression_word", Step("regression: true, reports: {tests: a}"), ":3:", "mapping"},
        Refused{"regression_tests",
                Step("regression: {}, reports: {tests: a}"),
                ":3:",
                "needs \"tests\""},
        Refused{"regression_empty",
                Step("regression: {tests: []}, reports: {tests: a}"),
                ":3:",
                "tests is empty"},
        Refused{"regression_glob",
                Step("regression: {tests: [/tests]}, reports: {tests: a}"),
                ":3:",
                "relative to the root"},
        Refused{"regression_report",
                Step("regression: {tests: [t]}, reports: {metrics: a}"),
                ":3:",
                "name a report of tests"},
        Refused{"not_a_mapping", Steps("make"), ":3:5", "must be a mapping"},
        Refused{"no_name", Steps("{level: unit, run: x}"), ":3:5", "needs \"name\""},
        Refused{"bad_name", Steps("{name: A b, level: unit, run: x}"), ":3:12", "not a name"},
        Refused{"no_level", Steps("{name: a, run: x}"), ":3:5", "needs \"level\""},
        Refused{
            "bad_level", Steps("{name: a, level: unti, run: x}"), ":3:22", "did you mean \"unit\""},
        Refused{"no_run", Steps("{name: a, level: unit}"), ":3:5", "needs \"run\""},
        Refused{"blank_run", Steps("{name: a, level: unit, run: \" \"}"), ":3:", "run is empty"},
        Refused{"run_expression",
                Steps("{name: a, level: unit, run: \"echo ${{ steps.b.outputs.c }}\"}"),
                ":3:33",
                "never allowed inside run"},
        Refused{"nearest_key", Step("artefacts: []"), ":3:39", "did you mean \"artifacts\""},
        Refused{"bad_shell", Step("shell: fish"), ":3:46", "sh, bash"},
        Refused{"bad_timeout", Step("timeout: soon"), ":3:48", "not a duration"},
        Refused{"short_timeout", Step("timeout: 10ms"), ":3:48", "between 1s and 7d"},
        Refused{"long_timeout", Step("timeout: 8d"), ":3:48", "between 1s and 7d"},
        Refused{"network_word", Step("network: \"yes\""), ":3:", "true or false"},
        Refused{"usecase", Step("usecase: Two Words"), ":3:", "not a name"},
        Refused{"image", Step("image: python"), ":3:39", "not available in this version"},
        Refused{"secrets", Step("secrets: [a]"), ":3:39", "not available in this version"},
        Refused{"cache", Step("cache: [a]"), ":3:39", "not available in this version"},
        Refused{"services", Step("services: [a]"), ":3:39", "not available in this version"},
        Refused{
            "training", Step("training: {code: full}"), ":3:", "belongs to a step of level train"},
        Refused{"inputs", Step("inputs: [a]"), ":3:", "belongs to a step of level train"},
        Refused{"training_word",
                Steps("{name: a, level: train, run: x, training: {code: half}}"),
                ":3:",
                "degraded, full"},
        Refused{"training_key",
                Steps("{name: a, level: train, run: x, training: {date: full}}"),
                ":3:",
                "did you mean \"data\""}),
    [](const auto& test) { return test.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Values,
    PipelineRefusal,
    ::testing::Values(
        Refused{"report_up", Step("reports: {tests: ../a.xml}"), ":3:56", "not a path inside"},
        Refused{
            "report_absolute", Step("reports: {tests: [/tmp/a.xml]}"), ":3:", "not a path inside"},
        Refused{"report_git", Step("reports: {tests: .git/a.xml}"), ":3:", "not a path inside"},
        Refused{"report_glob", Step("reports: {tests: \"*.xml\"}"), ":3:", "name each file"},
        Refused{"report_twice", Step("reports: {tests: [a.xml, ./a.xml]}"), ":3:", "named twice"},
        Refused{"report_expression",
                Step("reports: {tests: \"${{ steps.b.outputs.c }}\"}"),
                ":3:",
                "env and artifacts only"},
        Refused{"report_key", Step("reports: {test: a.xml}"), ":3:49", "did you mean \"tests\""},
        Refused{"env_list", Step("env: [A]"), ":3:44", "must be a mapping"},
        Refused{"env_name", Step("env: {a-b: x}"), ":3:", "environment variable"},
        Refused{"env_ci", Step("env: {CI: x}"), ":3:", "set by failgate"},
        Refused{"env_failgate", Step("env: {FAILGATE_TRAINING: full}"), ":3:", "set by failgate"},
        Refused{"env_null", Step("env: {A: }"), ":3:", "has no value"},
        Refused{"env_mapping", Step("env: {A: {secret: x}}"), ":3:", "must be one text"},
        Refused{"env_expression",
                Step("env: {A: \"${{ github.sha }}\"}"),
                ":3:",
                "only steps.NAME.outputs.KEY"},
        Refused{"env_open", Step("env: {A: \"${{ steps.a\"}"), ":3:", "not closed"},
        Refused{"artifacts_mapping", Step("artifacts: {name: a}"), ":3:", "must be a list"},
        Refused{"artifact_name", Step("artifacts: [{path: a}]"), ":3:", "needs \"name\""},
        Refused{"artifact_path", Step("artifacts: [{name: m}]"), ":3:", "needs \"path\""},
        Refused{"artifact_up",
                Step("artifacts: [{name: m, path: a/../../b}]"),
                ":3:",
                "not a path inside"},
        Refused{
            "artifact_dot", Step("artifacts: [{name: m, path: .}]"), ":3:", "not a path inside"},
        Refused{"artifact_up_expression",
                Step("artifacts: [{name: m, path: \"../${{ steps.b.outputs.c }}\"}]"),
                ":3:",
                "not a path inside"},
        Refused{"artifact_format",
                Step("artifacts: [{name: m, path: a, format: a b}]"),
                ":3:",
                "one word"},
        Refused{"artifact_nested",
                Step("artifacts: [{name: m, path: a}, {name: n, path: a/b}]"),
                ":3:",
                "in one another"}),
    [](const auto& test) { return test.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Graph,
    PipelineRefusal,
    ::testing::Values(
        Refused{"regression_artifacts",
                Two("artifacts: [{name: m, path: m}]",
                    "needs: [a], regression: {tests: [t]}, reports: {tests: r}"),
                ":4:",
                "made of the new code"},
        Refused{"same_name",
                "project: churn\nsteps:\n  - {name: a, level: unit, run: x}\n  - {name: a, level: "
                "unit, run: x}\n",
                ":4:12",
                "already defined in line 3"},
        Refused{"unknown_need", Two("needs: [c]", "needs: []"), ":3:", "there is no such step"},
        Refused{"near_need",
                "project: churn\nsteps:\n  - {name: train, level: train, run: x}\n  - {name: b, "
                "level: unit, run: x, needs: [trian]}\n",
                ":4:",
                "did you mean \"train\""},
        Refused{"self", Two("needs: [a]", "needs: []"), ":3:", "needs itself"},
        Refused{"need_twice", Two("needs: [b, b]", "needs: []"), ":3:", "named twice"},
        Refused{"circle", Two("needs: [b]", "needs: [a]"), ":3:", "a -> b -> a"},
        Refused{"output_unneeded",
                Two("env: {A: \"${{ steps.b.outputs.c }}\"}", "needs: []"),
                ":3:",
                "add \"b\" to its needs"},
        Refused{"output_unknown",
                Two("env: {A: \"${{ steps.c.outputs.c }}\"}", "needs: []"),
                ":3:",
                "no such step"},
        Refused{"artifact_output",
                Two("artifacts: [{name: m, path: \"x/${{ steps.b.outputs.c }}\"}]", "needs: []"),
                ":3:",
                "add \"b\" to its needs"},
        Refused{"artifact_twice",
                Two("artifacts: [{name: m, path: a}]", "artifacts: [{name: m, path: b}]"),
                ":4:",
                "already made by step \"a\""},
        Refused{"same_place",
                "project: churn\nsteps:\n  - {name: a, level: unit, run: x, artifacts: [{name: m, "
                "path: out}]}\n  - {name: b, level: unit, run: x, artifacts: [{name: n, path: "
                "out/x}]}\n  - {name: c, level: unit, run: x, needs: [a, b]}\n",
                ":5:",
                "at the same path"}),
    [](const auto& test) { return test.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Triggers,
    PipelineRefusal,
    ::testing::Values(
        Refused{"unknown", Trigger("cod: {}"), ":2:", "did you mean \"code\""},
        Refused{"schedule", Trigger("schedule: daily"), ":2:22", "must be a list"},
        Refused{"cron_fields", Trigger("schedule: [{cron: daily}]"), ":2:", "has not five fields"},
        Refused{"cron_hour",
                Trigger("schedule: [{cron: \"0 24 * * *\"}]"),
                ":2:",
                "\"24\" is no hour: write *, a number from 0 to 23"},
        Refused{"cron_day", Trigger("schedule: [{cron: \"0 3 30 2 *\"}]"), ":2:", "never comes"},
        Refused{"cron_zone",
                Trigger("schedule: [{cron: \"0 3 * * *\", timezone: Paris}]"),
                ":2:",
                "no time zone \"Paris\""},
        Refused{"watch", Trigger("data: {paths: [a], watch: [x]}"), ":2:", "must be a mapping"},
        Refused{"watch_place",
                Trigger("data: {watch: [{name: sales, at: ../x}]}"),
                ":2:",
                "not a path inside of the workspace"},
        Refused{"watch_twice",
                Trigger("data: {watch: [{name: s, at: a}, {name: s, at: b}]}"),
                ":2:",
                "the watch s is named twice"},
        Refused{"watch_inside",
                Trigger("data: {watch: [{name: s, at: a}, {name: t, at: a/b}]}"),
                ":2:",
                "a/b and a lie in one another"},
        Refused{
            "data_schedule", Trigger("data: {paths: [a], schedule: daily}"), ":2:", "unknown key"},
        Refused{"data_needs_paths", Trigger("data: {}"), ":2:", "needs \"paths\""},
        Refused{"data_sources_list",
                Trigger("data: {sources: {sales: x}}"),
                ":2:",
                "must be a list of {name: NAME, at: PATH}"},
        Refused{"data_source_outside",
                Trigger("data: {sources: [{name: sales, at: ../x}]}"),
                ":2:",
                "no path inside the workspace"},
        Refused{"data_source_in_another",
                Trigger("data: {sources: [{name: a, at: in}, {name: b, at: in/b}]}"),
                ":2:",
                "one place lies in another"},
        Refused{"data_source_twice",
                Trigger("data: {sources: [{name: a, at: x}, {name: a, at: y}]}"),
                ":2:",
                "is there twice"},
        Refused{"data_empty", Trigger("data: {paths: []}"), ":2:", "paths is empty"},
        Refused{"no_branch", Trigger("code: {branches: []}"), ":2:", "branches is empty"},
        Refused{"full_ref", Trigger("code: {branches: [refs/heads/main]}"), ":2:", "branch alone"},
        Refused{"no_path", Trigger("code: {paths: []}"), ":2:", "paths is empty"},
        Refused{"negated", Trigger("code: {paths: [\"!docs\"]}"), ":2:", "cannot be negated"},
        Refused{"absolute", Trigger("code: {ignore: [/docs]}"), ":2:", "write \"docs\""},
        Refused{"folder", Trigger("code: {ignore: [docs/]}"), ":2:", "docs/**"},
        Refused{"glob_expression",
                Trigger("code: {paths: [\"${{ a }}\"]}"),
                ":2:",
                "env and artifacts only"},
        Refused{"until", Trigger("check: {until: tests}"), ":2:", "one of unit"}),
    [](const auto& test) { return test.param.name; });

TEST(PipelineRefusals, BoundHowManyStepsRunAgain) {
  const auto said = [](int steps, const std::string& keys) {
    std::string text = "project: churn\nsteps:\n";
    for (int i = 0; i < steps; ++i) {
      text += "  - {name: s" + std::to_string(i) + ", level: unit, run: x, reports: {tests: r}, " +
              keys + "}\n";
    }
    const auto pipeline = ParsePipeline(text, "f");
    return pipeline ? std::string() : Describe(pipeline.error());
  };
  EXPECT_EQ(said(50, "repeat: true"), "");
  EXPECT_THAT(said(60, "repeat: true"), HasSubstr("f:53:67: more than 50 steps say repeat"));
  EXPECT_EQ(said(20, "regression: {tests: [t]}"), "");
  EXPECT_THAT(said(30, "regression: {tests: [t]}"), HasSubstr("more than 20 steps say regression"));
}

TEST(PipelineRefusals, AreAllReportedAtOnce) {
  const auto pipeline =
      ParsePipeline("project: X\nsteps: [{name: a, level: nope, run: x, image: y}]", "f.yaml");
  ASSERT_FALSE(pipeline.has_value());
  EXPECT_EQ(pipeline.error().size(), 3U);
}

}  // namespace
}  // namespace failgate
