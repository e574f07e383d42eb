#include "controller/deploylog/state_memory.h"

#include <gtest/gtest.h>

namespace failgate {
namespace {

const CommitId kHead(std::string(40, 'a'));
const CommitId kOther(std::string(40, 'b'));

PairStates States(const std::string& name, std::size_t count) {
  PairStates states;
  for (std::size_t i = 0; i < count; ++i) {
    states[name + std::to_string(i)].sequence = 1;
  }
  return states;
}

TEST(StateMemory, GivesWhatWasKeptForTheCommitOnce) {
  StateMemory memory;
  EXPECT_TRUE(memory.Take(std::nullopt).empty());
  memory.Keep(kHead, States("used", 2), States("other", 1));
  EXPECT_EQ(memory.Take(kHead).size(), 3U);
  EXPECT_TRUE(memory.Take(kHead).empty());
}

TEST(StateMemory, ForgetsWhatWasKeptForAnotherCommit) {
  StateMemory memory;
  memory.Keep(kHead, States("used", 2), {});
  EXPECT_TRUE(memory.Take(kOther).empty());
  EXPECT_TRUE(memory.Take(kHead).empty());
  memory.Keep(kHead, States("used", 2), {});
  EXPECT_TRUE(memory.Take(std::nullopt).empty());
}

TEST(StateMemory, KeepsABoundedNumberAndThoseOfTheLastWritingFirst) {
  StateMemory memory;
  memory.Keep(kHead, States("used", 10), States("other", StateMemory::kPairs));
  PairStates kept = memory.Take(kHead);
  EXPECT_EQ(kept.size(), StateMemory::kPairs);
  EXPECT_EQ(kept.count("used9"), 1U);
  memory.Keep(kHead, States("used", StateMemory::kPairs + 5), States("other", 3));
  kept = memory.Take(kHead);
  EXPECT_EQ(kept.size(), StateMemory::kPairs);
  EXPECT_EQ(kept.count("other0"), 0U);
}

}  // namespace
}  // namespace failgate
