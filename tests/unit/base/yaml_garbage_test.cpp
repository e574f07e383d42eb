// Whatever the bytes: a tree with sane places or problems, never a crash and never an exception.
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "controller/base/yaml_document.h"

namespace failgate {
namespace {

void ExpectSanePlaces(const YamlNode& node, const std::string& text) {
  ASSERT_LE(node.begin_offset, node.end_offset) << text;
  ASSERT_LE(node.end_offset, text.size()) << text;
  ASSERT_GE(node.line, 1) << text;
  ASSERT_GE(node.column, 1) << text;
  for (const YamlNode& item : node.items) {
    ExpectSanePlaces(item, text);
  }
  for (const YamlNode::Entry& entry : node.entries) {
    ASSERT_EQ(entry.key.kind, YamlNode::Kind::kScalar) << text;
    ExpectSanePlaces(entry.key, text);
    ExpectSanePlaces(entry.value, text);
  }
}

void ExpectSane(const std::string& text) {
  const auto parsed = ParseYaml(text, "f");
  if (!parsed) {
    EXPECT_FALSE(parsed.error().empty());
  } else if (parsed->line > 0) {
    ExpectSanePlaces(*parsed, text);
  }
}

std::string RandomText(std::mt19937& generator, const std::vector<std::string>& pieces) {
  std::uniform_int_distribution<std::size_t> pick(0, pieces.size() - 1);
  std::uniform_int_distribution<int> length(0, 60);
  std::string text;
  for (int left = length(generator); left > 0; --left) {
    text += pieces[pick(generator)];
  }
  return text;
}

TEST(YamlGarbage, OfAnyBytesNeverCrashes) {
  std::vector<std::string> bytes;
  for (int byte = 0; byte < 256; ++byte) {
    bytes.emplace_back(1, static_cast<char>(byte));
  }
  std::mt19937 generator(20261123);
  for (int round = 0; round < 3'000; ++round) {
    ExpectSane(RandomText(generator, bytes));
  }
}

// Nearly YAML finds more than noise does.
TEST(YamlGarbage, OfYamlPiecesNeverCrashes) {
  const std::vector<std::string> pieces{
      "a",     "b: ",         ": ",         ":",        "- ",
      "-",     "? ",          "[",          "]",        "{",
      "}",     ",",           "\n",         "\n  ",     "\n ",
      "\t",    " ",           "&x",         "*x",       "!",
      "!!",    "!<",          ">",          "|",        "\"",
      "'",     "\\",          "#",          "%",        "@",
      "---",   "...",         "\n---\n",    "\n...\n",  "<<: ",
      "~",     "null",        "'q'",        "\"d\"",    "|-\n  x\n",
      ">+2\n", "%YAML 1.2\n", "%TAG ! x\n", "\xC3\xA9", "\xEF\xBB\xBF",
      "\r\n",  "\\u00e9",     "\\x",        "1"};
  std::mt19937 generator(20261124);
  for (int round = 0; round < 20'000; ++round) {
    ExpectSane(RandomText(generator, pieces));
  }
}

}  // namespace
}  // namespace failgate
