// A runner, a workspace and a log: the small world of the tests of steps.
#pragma once

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <string>

#include "controller/base/durable_file.h"
#include "controller/runners/local_runner.h"

namespace failgate {

/// A folder whose user-visible path lets others through, as the folders above workspaces must.
class OpenFolder {
 public:
  OpenFolder() { chmod(folder_.path().c_str(), 0711); }
  [[nodiscard]] const std::filesystem::path& path() const { return folder_.path(); }

 private:
  TemporaryFolder folder_;
};

class StepWorld : public testing::Test {
 protected:
  explicit StepWorld(bool sandbox = true)
      : runner_(processes_, LocalRunner::Options{sandbox, parent_.path()}) {}

  /// A command with a workspace and a log of its own.
  StepCommand Command(const std::string& script) {
    const int number = ++commands_;
    StepCommand command;
    command.script = script;
    command.workspace = parent_.path() / fmt::format("workspace-{}", number);
    std::filesystem::create_directory(command.workspace);
    command.log_file = logs_.path() / fmt::format("log-{}", number);
    command.timeout = Milliseconds(20'000);
    return command;
  }
  StepOutcome Run(const StepCommand& command) {
    const StepOutcome outcome = runner_.Run(command, {});
    log_ = ReadFile(command.log_file);
    return outcome;
  }
  StepOutcome RunScript(const std::string& script) { return Run(Command(script)); }
  /// The controller still starts steps, and nothing is left of those before.
  void ExpectHealthyController() {
    const StepOutcome outcome = RunScript("echo well");
    EXPECT_EQ(outcome.status, StepStatus::kPassed) << outcome.reason;
    EXPECT_EQ(log_, "well\n");
  }

  OpenFolder parent_;
  TemporaryFolder logs_;
  ProcessRunner processes_;
  LocalRunner runner_;
  std::string log_;
  int commands_ = 0;
};

class PlainStepWorld : public StepWorld {
 protected:
  PlainStepWorld() : StepWorld(false) {}
};

}  // namespace failgate
