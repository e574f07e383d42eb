// The real writer and reader of Delta Lake tables, which scripts/setup installs.
#pragma once

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "controller/process/process.h"
#include "tests/support/peers.h"

namespace failgate {

using DeltaRows = std::vector<long long>;

/// Which version of the table a verb of the writer left, and its rows by the real reader.
struct DeltaTold {
  long long version = -1;
  DeltaRows rows;
  bool operator==(const DeltaTold&) const = default;
};

/// `table`: a folder or "s3://…". Verbs are those of delta_writer.py; one answer each.
inline std::vector<DeltaTold> RunDelta(
    const std::string& table,
    const std::vector<std::string>& verbs,
    const std::vector<std::pair<std::string, std::string>>& environment = {}) {
  ProcessRunner processes;
  ProcessSpec spec;
  spec.argv = {(PeerFolder("deltalake") / "bin/python").string(),
               FAILGATE_SOURCE_DIR "/tests/support/delta_writer.py",
               table};
  spec.argv.insert(spec.argv.end(), verbs.begin(), verbs.end());
  spec.env = {{"PATH", "/usr/bin:/bin"}, {"PYTHONDONTWRITEBYTECODE", "1"}};
  spec.env.insert(spec.env.end(), environment.begin(), environment.end());
  spec.timeout = std::chrono::minutes(2);
  const ProcessResult result = processes.Run(spec);
  EXPECT_TRUE(result.Succeeded()) << result.stdout_text << result.stderr_text;
  std::vector<DeltaTold> told;
  std::istringstream lines(result.stdout_text);
  for (std::string line; std::getline(lines, line);) {
    const auto json = nlohmann::json::parse(line);
    told.push_back({json.at("version").get<long long>(), json.at("rows").get<DeltaRows>()});
  }
  EXPECT_EQ(told.size(), verbs.size());
  told.resize(verbs.size());
  return told;
}

}  // namespace failgate
