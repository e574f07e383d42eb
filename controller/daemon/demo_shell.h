// The demo's children: git, failgate and sh, started as a person at a terminal starts them.
#pragma once

#include <filesystem>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "controller/base/ids.h"
#include "controller/base/secret.h"
#include "controller/process/process.h"

namespace failgate {

using DemoEnvironment = std::vector<std::pair<std::string, std::string>>;

struct DemoAnswer {
  int exit_code = 0;
  std::string text;  ///< both streams, in the order written
};

/// Commands run in the demo's folder with an environment of their own: no configuration of the
/// machine or of the person who watches reaches them. Thread-safe.
class DemoShell {
 public:
  /// `home` becomes HOME. All calls end soon after a stop request, with Error(kRetry).
  DemoShell(ProcessRunner& processes,
            std::filesystem::path folder,
            std::filesystem::path home,
            std::stop_token stop);

  /// argv[0] "failgate" stands for this very program. Throws Error when it cannot be started, has
  /// no end in time or is stopped; its exit code is for the caller.
  [[nodiscard]] DemoAnswer Run(const std::vector<std::string>& argv,
                               const DemoEnvironment& more = {}) const;
  /// As Run, for what must succeed: throws Error(kNeedsChange) with what was printed.
  std::string Must(const std::vector<std::string>& argv, const DemoEnvironment& more = {}) const;

  /// What every child gets.
  [[nodiscard]] DemoEnvironment Environment() const;
  /// This very program, resolved.
  [[nodiscard]] const std::filesystem::path& program() const { return program_; }
  [[nodiscard]] const std::stop_token& stop() const { return stop_; }

 private:
  ProcessRunner& processes_;
  std::filesystem::path folder_;
  std::filesystem::path home_;
  std::stop_token stop_;
  std::filesystem::path program_;
};

/// GIT_AUTHOR_… and GIT_COMMITTER_… of a person.
[[nodiscard]] DemoEnvironment GitIdentity(const Person& person);

/// For showing: words with blanks or shell characters in single quotes.
[[nodiscard]] std::string AsTyped(const std::vector<std::string>& argv);

}  // namespace failgate
