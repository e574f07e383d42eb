#include "controller/base/yaml_document.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace failgate {
namespace {

YamlNode Parse(const std::string& text) {
  auto parsed = ParseYaml(text, "f.yaml");
  EXPECT_TRUE(parsed.has_value()) << (parsed ? "" : Describe(parsed.error()));
  return parsed ? *parsed : YamlNode();
}

std::string Refusals(const std::string& text) {
  const auto parsed = ParseYaml(text, "f.yaml");
  return parsed ? "accepted" : Describe(parsed.error());
}

std::string Source(const std::string& text, const YamlNode& node) {
  return text.substr(node.begin_offset, node.end_offset - node.begin_offset);
}

TEST(Yaml, GivesMappingsInFileOrder) {
  const YamlNode root = Parse("b: 1\na: [x, \"2\"]\nc:\n  d: ~\n");
  ASSERT_EQ(root.kind, YamlNode::Kind::kMapping);
  ASSERT_EQ(root.entries.size(), 3U);
  EXPECT_EQ(root.entries[0].key.scalar, "b");
  EXPECT_FALSE(root.Find("b")->quoted);
  ASSERT_EQ(root.Find("a")->items.size(), 2U);
  EXPECT_TRUE(root.Find("a")->items[1].quoted);
  EXPECT_EQ(root.Find("c")->Find("d")->kind, YamlNode::Kind::kNull);
  EXPECT_EQ(root.Find("absent"), nullptr);
  EXPECT_EQ(root.Find("b")->Find("x"), nullptr);
}

TEST(Yaml, KnowsWhatIsQuoted) {
  for (const char* text : {"k: 'true'", "k: \"true\"", "k: |\n  true\n", "k: >-\n  true\n"}) {
    EXPECT_TRUE(Parse(text).Find("k")->quoted) << text;
    EXPECT_EQ(Parse(text).Find("k")->scalar.substr(0, 4), "true") << text;
  }
  EXPECT_FALSE(Parse("k: true").Find("k")->quoted);
  EXPECT_EQ(Parse("k: 'null'").Find("k")->kind, YamlNode::Kind::kScalar);
  EXPECT_EQ(Parse("k: ''").Find("k")->kind, YamlNode::Kind::kScalar);
}

TEST(Yaml, OfNothingIsNull) {
  for (const char* text : {"", "\n", "# comment\n", "---\n", "--- # x\n...\n", "\xEF\xBB\xBF"}) {
    EXPECT_EQ(Parse(text).kind, YamlNode::Kind::kNull) << text;
  }
}

TEST(Yaml, CountsCharactersInColumnsAndBytesInOffsets) {
  const std::string text = "# \xC3\xA9\xE2\x82\xAC\n\xC3\xA9: {\xE2\x82\xAC: val}\r\nlast: 'x'\n";
  const YamlNode root = Parse(text);
  const YamlNode& value = *root.Find("\xC3\xA9")->Find("\xE2\x82\xAC");
  EXPECT_EQ(value.line, 2);
  EXPECT_EQ(value.column, 8);
  EXPECT_EQ(Source(text, value), "val");
  const YamlNode& last = *root.Find("last");
  EXPECT_EQ(last.line, 3);
  EXPECT_EQ(last.column, 7);
  EXPECT_EQ(Source(text, last), "'x'");
}

TEST(Yaml, CountsOffsetsFromTheStartOfTheFileAlsoBehindAByteOrderMark) {
  const std::string text =
      "\xEF\xBB\xBF"
      "key: value\n";
  const YamlNode root = Parse(text);
  EXPECT_EQ(Source(text, *root.Find("key")), "value");
  EXPECT_EQ(root.Find("key")->column, 6);
}

TEST(Yaml, KnowsWhereEachNodeEnds) {
  struct Case {
    std::string value;
    std::string source;
  };
  const std::vector<Case> cases{
      {"plain   # comment", "plain"},
      {"two words", "two words"},
      {"several\n  lines\n  of it   # c", "several\n  lines\n  of it"},
      {"\"a \\\" b\" # c", "\"a \\\" b\""},
      {"'it''s' # c", "'it''s'"},
      {"|  # c\n  one\n\n  two\n\n", "|  # c\n  one\n\n  two\n"},
      {">-\n  a\n  b\n", ">-\n  a\n  b\n"},
      {"|\n", "|\n"},
      {"[a, {b: c} ] # c", "[a, {b: c} ]"},
      {"[ ] # c", "[ ]"},
      {"{ a: [1], # ] }\n  }", "{ a: [1], # ] }\n  }"},
      {"{a: , b: }", "{a: , b: }"},
      {"\n  - x\n  - y z # c", "- x\n  - y z"},
      {"\n  a: 1\n  b: 'q' # c", "a: 1\n  b: 'q'"},
      {"~ # c", "~"},
      {"null", "null"},
      {"# c", ""},
  };
  for (const Case& item : cases) {
    const std::string text = "before: \xC3\xA9\nkey: " + item.value + "\nlast: x\n";
    const YamlNode root = Parse(text);
    ASSERT_NE(root.Find("key"), nullptr) << text;
    EXPECT_EQ(Source(text, *root.Find("key")), item.source) << text;
    EXPECT_EQ(Source(text, *root.Find("last")), "x") << text;
  }
}

TEST(Yaml, PlacesAnUnwrittenValueAtItsKey) {
  const std::string text = "a:\n\n\nb: 1\n";
  const YamlNode root = Parse(text);
  EXPECT_EQ(root.Find("a")->line, 1);
  EXPECT_EQ(root.Find("a")->begin_offset, 2U);
  EXPECT_EQ(root.Find("a")->end_offset, 2U);
}

TEST(Yaml, RefusesWhatReadersUnderstandDifferently) {
  struct Case {
    std::string text;
    std::string problem;
  };
  const std::vector<Case> cases{
      {"a: 1\nb: 2\na: 3\n", "f.yaml:3:1: the key \"a\" is written twice"},
      {"{a: 1, \"a\": 2}", "f.yaml:1:8: the key \"a\" is written twice"},
      {"a: &x 1\n",
       "f.yaml:1:4: anchors (&name) are not allowed: write the value out where it is used"},
      {"a: &x\n  b: 1\n", "f.yaml:1:4: anchors"},
      {"a: &x [1]\n", "f.yaml:1:4: anchors"},
      {"a: &x\n", "f.yaml:1:4: anchors"},
      {"a: &x [*x]\n", "aliases (*name) are not allowed"},
      {"a: *x\n", "f.yaml:1:4: aliases (*name) are not allowed"},
      {"a: *.csv\n", "aliases (*name) are not allowed"},
      {"a: !!str 1\n", "f.yaml:1:4: tags (!name) are not allowed"},
      {"a: !x {b: c}\n", "f.yaml:1:4: tags"},
      {"a: ! x\n", "f.yaml:1:4: tags"},
      {"a: !x\n", "f.yaml:1:4: tags"},
      {"<<: {a: 1}\n", "f.yaml:1:1: merge keys (<<) are not allowed"},
      {"? [a]\n: b\n", "f.yaml:1:3: a key must be a plain word"},
      {"? {a: b}\n: b\n", "a key must be a plain word"},
      {"~: b\n", "a key must be a plain word"},
      {": b\n", "a key must be a plain word"},
      {"a: 1\n---\nb: 2\n", "a second document starts here"},
      {"a: 1\n---\n", "a second document starts here"},
      {"\"a\" b\n", "f.yaml:1:5: a second document starts here"},
      {"a: [1\n", "not valid YAML: "},
      {"a: b: c\n", "f.yaml:1:5: not valid YAML: "},
      {"a: \"x\n", "f.yaml:1:4: the quote that opens here is never closed"},
      {"a: 'x''\n", "f.yaml:1:4: the quote that opens here is never closed"},
      {"a: \"x\\\"\n", "f.yaml:1:4: the quote that opens here is never closed"},
      {"a:\n\t- x\n", "not valid YAML: "},
      {"a: @x\n", "not valid YAML: "},
      {"%YAML 2.0\n---\na: 1\n", "not valid YAML: "},
      {"a: \xff\n", "f.yaml:1:4: not UTF-8 text"},
      {"\xFF\xFE"
       "a",
       "f.yaml:1:1: not UTF-8 text"},
      {"a: 1\nb: \x04\n", "f.yaml:2:4: control character \\u0004"},
      {std::string("a\0b", 3), "f.yaml:1:2: control character \\u0000"},
      {"a: \x7f", "control character \\u007f"},
      {"a: 1\rb: 2\n", "f.yaml:1:5: carriage return without line feed"},
      {"a: \"\\0\"", "f.yaml:1:4: a text must not contain \\0"},
      {"a: \"\\ud800\"", "not valid YAML: invalid unicode"},
  };
  for (const Case& item : cases) {
    const std::string refusals = Refusals(item.text);
    EXPECT_NE(refusals.find(item.problem), std::string::npos) << item.text << "\n" << refusals;
  }
}

TEST(Yaml, TellsSeveralProblemsAtOnce) {
  EXPECT_EQ(Refusals("a: 1\na: 2\nb: !x 3\n"),
            "f.yaml:2:1: the key \"a\" is written twice\n"
            "f.yaml:3:4: tags (!name) are not allowed: a text that starts with ! needs quotes");
}

TEST(Yaml, HasLimits) {
  EXPECT_EQ(Parse("a: '" + std::string((1U << 20U) - 6, 'x') + "'\n").entries.size(), 1U);
  EXPECT_EQ(Refusals(std::string((1U << 20U) + 1, ' ')), "f.yaml: larger than 1048576 bytes");
  Parse(std::string(64, '[') + std::string(64, ']'));
  EXPECT_NE(Refusals(std::string(65, '[') + std::string(65, ']')).find("nested more than 64"),
            std::string::npos);
  EXPECT_NE(Refusals(std::string(1U << 20U, '[')).find("nested more than 64"), std::string::npos);
  std::string many = "[";
  for (int i = 0; i < 100'001; ++i) {
    many += "1,";
  }
  EXPECT_NE(Refusals(many + "]").find("more than 100000 values"), std::string::npos);
  std::string twice;
  for (int i = 0; i < 1'000; ++i) {
    twice += "a: 1\n";
  }
  EXPECT_EQ(ParseYaml(twice, "f").error().size(), 100U);
}

TEST(Yaml, TellsASyntaxErrorAlsoAsTheLastProblemThatIsCounted) {
  std::string text;
  for (int i = 0; i < 100; ++i) {
    text += "a: 1\n";
  }
  const auto parsed = ParseYaml(text + "b: ]\n", "f.yaml");
  ASSERT_FALSE(parsed);
  ASSERT_EQ(parsed.error().size(), 100U);
  EXPECT_EQ(parsed.error().back().line, 101);
}

}  // namespace
}  // namespace failgate
