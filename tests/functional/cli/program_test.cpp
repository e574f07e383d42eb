// The program itself: streams, exit codes and the process's environment.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/process/process.h"
#include "tests/functional/cli/command_world.h"

namespace failgate {
namespace {

using testing::HasSubstr;
using testing::Not;

class Program : public testing::Test {
 protected:
  ProcessResult Run(const std::vector<std::string>& arguments) {
    ProcessSpec spec;
    spec.argv = {FAILGATE_PROGRAM};
    spec.argv.insert(spec.argv.end(), arguments.begin(), arguments.end());
    spec.env = {{"PATH", "/usr/bin:/bin"},
                {"HOME", world_.folder().string()},
                {"FAILGATE_URL", "http://127.0.0.1:1"},
                {"FAILGATE_TOKEN", "fg_canary_of_the_program"}};
    spec.timeout = std::chrono::seconds(60);
    return runner_.Run(spec);
  }
  CommandWorld world_;
  ProcessRunner runner_;
};

TEST_F(Program, given_a_valid_and_a_broken_file_when_validated_then_0_and_2) {
  const auto good = world_.Write(
      "good.yaml", "project: churn\nsteps:\n  - {name: unit, level: unit, run: make}\n");
  const auto bad = world_.Write("bad.yaml", "project: churn\nstepps: []\n");
  EXPECT_EQ(Run({"validate", good.string()}).exit_code, 0);
  const ProcessResult result = Run({"validate", bad.string()});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.stdout_text, HasSubstr("bad.yaml:2:1"));
  EXPECT_THAT(result.stdout_text, Not(HasSubstr("\033")));
}

TEST_F(Program, given_no_server_when_asked_then_1_and_the_address_of_the_environment) {
  const ProcessResult result = Run({"status"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(result.stdout_text, "");
  EXPECT_THAT(result.stderr_text, HasSubstr("http://127.0.0.1:1"));
  EXPECT_THAT(result.stderr_text, Not(HasSubstr("canary")));
}

TEST_F(Program, given_an_invalid_server_file_when_served_then_2) {
  const auto file = world_.Write("failgate.yaml", "controller: main\n");
  EXPECT_EQ(Run({"serve", "--config", file.string()}).exit_code, 2);
}

TEST_F(Program, given_a_laid_down_repository_when_examined_then_only_the_absent_server_is_missed) {
  const std::string ops = (world_.folder() / "ops").string();
  ASSERT_EQ(Run({"init", "operations", ops}).exit_code, 0);
  const ProcessResult doctor = Run({"doctor", "--config", ops + "/server/failgate.yaml"});
  EXPECT_THAT(doctor.stdout_text, HasSubstr("operations repository: answers, 1 branches"));
  EXPECT_THAT(doctor.stdout_text, HasSubstr("source example: answers, but has no branch yet"));
  EXPECT_THAT(doctor.stdout_text, HasSubstr("signing key: SHA256:"));
}

}  // namespace
}  // namespace failgate
