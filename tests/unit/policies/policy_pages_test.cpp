// The examples in docs/gates are loaded: a page that no longer works fails here.
#include <gtest/gtest.h>

#include <algorithm>

#include "controller/base/durable_file.h"
#include "policies/gates/registry.h"
#include "policies/policy_parser.h"

namespace failgate {
namespace {

std::vector<std::string> YamlBlocks(const std::string& page) {
  std::vector<std::string> blocks;
  const std::string open = "```yaml\n";
  for (std::size_t at = page.find(open); at != std::string::npos; at = page.find(open, at)) {
    at += open.size();
    const std::size_t end = page.find("```", at);
    blocks.push_back(page.substr(at, end - at));
    at = end + 3;
  }
  return blocks;
}

TEST(GatePages, HaveExamplesThatLoad) {
  std::vector<std::string> pages = {"override"};
  for (const GateEntry& gate : GateRegistry()) pages.push_back(gate.name);
  for (const std::string& page : pages) {
    const std::string path = std::string(FAILGATE_SOURCE_DIR) + "/docs/gates/" + page + ".md";
    const std::vector<std::string> blocks = YamlBlocks(ReadFile(path));
    EXPECT_FALSE(blocks.empty()) << path;
    for (const std::string& block : blocks) {
      if (page == "checks") {  // of a project's file
        const Parsed<GateSettings> settings = ParseProjectGates(block, path);
        EXPECT_TRUE(settings.has_value()) << Describe(settings.error());
        continue;
      }
      const Parsed<Policy> policy = ParseEnvironmentPolicy(block, path);
      EXPECT_TRUE(policy.has_value()) << Describe(policy.error());
    }
  }
}

}  // namespace
}  // namespace failgate
