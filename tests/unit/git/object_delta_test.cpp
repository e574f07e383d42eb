#include "controller/git/object_delta.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <random>

namespace failgate {
namespace {

std::size_t ReadSize(const std::string& delta, std::size_t& at) {
  std::size_t size = 0;
  for (unsigned shift = 0;; shift += 7) {
    const auto byte = static_cast<unsigned char>(delta.at(at++));
    size |= static_cast<std::size_t>(byte & 0x7FU) << shift;
    if (byte < 0x80) {
      return size;
    }
  }
}

std::size_t ReadBytes(const std::string& delta, std::size_t& at, unsigned which, unsigned count) {
  std::size_t value = 0;
  for (unsigned i = 0; i < count; ++i) {
    if ((which >> i & 1U) != 0) {
      value |= static_cast<std::size_t>(static_cast<unsigned char>(delta.at(at++))) << (8 * i);
    }
  }
  return value;
}

/// A reader as git's documentation of the pack format describes it.
std::string Apply(const std::string& base, const std::string& delta) {
  std::size_t at = 0;
  EXPECT_EQ(ReadSize(delta, at), base.size());
  const std::size_t size = ReadSize(delta, at);
  std::string made;
  while (at < delta.size()) {
    const auto instruction = static_cast<unsigned char>(delta.at(at++));
    if (instruction >= 0x80) {
      const std::size_t offset = ReadBytes(delta, at, instruction, 4);
      const std::size_t length = ReadBytes(delta, at, instruction >> 4U & 7U, 3);
      made += base.substr(offset, length == 0 ? 0x10000 : length);
    } else {
      EXPECT_NE(instruction, 0);
      made += delta.substr(at, instruction);
      at += instruction;
    }
  }
  EXPECT_EQ(made.size(), size);
  return made;
}

std::string Noise(std::size_t size, std::mt19937::result_type seed) {
  std::mt19937 random(seed);
  std::string bytes(size, '\0');
  for (char& byte : bytes) {
    byte = static_cast<char>(random());
  }
  return bytes;
}

void ExpectComesOutAgain(const std::string& base, const std::string& target) {
  EXPECT_EQ(Apply(base, MakeObjectDelta(base, target)), target);
}

TEST(ObjectDelta, MakesTheTargetOfTheBase) {
  const std::string long_text = Noise(5000, 1);
  for (const std::string& base : {std::string(), std::string("a"), Noise(127, 2), long_text}) {
    for (const std::string& target :
         {std::string(), std::string("a"), std::string("ab"), Noise(128, 3), long_text, base}) {
      ExpectComesOutAgain(base, target);
    }
  }
}

TEST(ObjectDelta, SaysOneInsertionInALargeObjectInAFewBytes) {
  const std::string base = Noise(300'000, 4);
  for (const std::size_t place : {0UL, 1UL, 0xFFFFUL, 0x10000UL, 0x10001UL, 299'999UL, 300'000UL}) {
    std::string target = base;
    target.insert(place, Noise(41, 5));
    ExpectComesOutAgain(base, target);
    EXPECT_LT(MakeObjectDelta(base, target).size(), 100U) << place;
    ExpectComesOutAgain(target, base);
    EXPECT_LT(MakeObjectDelta(target, base).size(), 100U) << place;
  }
}

TEST(ObjectDelta, FindsWhatMoved) {
  const std::string first = Noise(1000, 6);
  const std::string second = Noise(700, 7);
  const std::string third = Noise(900, 8);
  const std::string base = first + second + third;
  const std::string target = "{" + second + "," + third + "," + first + "}";
  ExpectComesOutAgain(base, target);
  EXPECT_LT(MakeObjectDelta(base, target).size(), 60U);
}

TEST(ObjectDelta, ComesOutAgainAfterAnyEdits) {
  std::mt19937 random(9);
  for (int round = 0; round < 300; ++round) {
    const std::string base = Noise(random() % 3000, random());
    std::string target = base;
    for (auto edit = random() % 6; edit > 0; --edit) {
      const std::size_t place = target.empty() ? 0 : random() % target.size();
      target.erase(place, random() % 200);
      target.insert(place, Noise(random() % 200, random()));
    }
    ExpectComesOutAgain(base, target);
  }
}

}  // namespace
}  // namespace failgate
