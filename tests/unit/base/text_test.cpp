#include "controller/base/text.h"

#include <gtest/gtest.h>

#include <clocale>
#include <string>
#include <utility>
#include <vector>

namespace failgate {
namespace {

TEST(Utf8, IsStrict) {
  for (const char* text : {"",
                           "abc",
                           "\xC3\xA9",
                           "\xE2\x82\xAC",
                           "\xF0\x9F\x98\x80",
                           "\xF4\x8F\xBF\xBF",
                           "\xED\x9F\xBF",
                           "\xEE\x80\x80"}) {
    EXPECT_TRUE(IsUtf8(text)) << text;
  }
  for (const char* text : {"\x80",
                           "\xC0\x80",
                           "\xC1\xBF",
                           "\xE0\x80\x80",
                           "\xE0\x9F\xBF",
                           "\xED\xA0\x80",
                           "\xF0\x8F\xBF\xBF",
                           "\xF4\x90\x80\x80",
                           "\xF5\x80\x80\x80",
                           "\xFF",
                           "\xC3",
                           "\xE2\x82",
                           "\xF0\x9F\x98",
                           "\xC3\x28",
                           "a\xE2\x28\xA1"}) {
    EXPECT_FALSE(IsUtf8(text)) << text;
  }
}

TEST(EscapeControls, LeavesNothingThatBreaksOutOfALine) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"plain \xC3\xA9 \xE2\x82\xAC", "plain \xC3\xA9 \xE2\x82\xAC"},
      {"a\nb\r\tc", "a\\u000ab\\u000d\\u0009c"},
      {"\x1b[31m", "\\u001b[31m"},
      {std::string("\0", 1), "\\u0000"},
      {"\x7f", "\\u007f"},
      {"\xC2\x85", "\\u0085"},
      {"\xE2\x80\xA8\xE2\x80\xA9", "\\u2028\\u2029"},
      {"\xE2\x80\xAE", "\\u202e"},
      {"\xE2\x81\xA6", "\\u2066"},
      {"\xD8\x9C", "\\u061c"},
      {"a\xFF\xFE"
       "b",
       "a\xEF\xBF\xBD\xEF\xBF\xBD"
       "b"},
  };
  for (const auto& item : cases) {
    EXPECT_EQ(EscapeControls(item.first), item.second);
  }
}

TEST(OneLine, IsCutInCharactersWithAnEllipsis) {
  EXPECT_EQ(OneLine("abcdef", 6), "abcdef");
  EXPECT_EQ(OneLine("abcdefg", 6), "abcde\xE2\x80\xA6");
  EXPECT_EQ(OneLine("\xC3\xA9\xC3\xA9\xC3\xA9", 3), "\xC3\xA9\xC3\xA9\xC3\xA9");
  EXPECT_EQ(OneLine("\xC3\xA9\xC3\xA9\xC3\xA9", 2), "\xC3\xA9\xE2\x80\xA6");
  EXPECT_EQ(OneLine("abc", 1), "\xE2\x80\xA6");
  EXPECT_EQ(OneLine("abc", 0), "");
  EXPECT_EQ(OneLine("", 5), "");
  EXPECT_EQ(OneLine(std::string(100'000, 'x')).size(), 499U + 3U);
}

TEST(NearestWord, FindsTypingErrorsOnly) {
  const std::vector<std::string> words{"level", "name", "timeout", "needs"};
  EXPECT_EQ(NearestWord("lable", words), "level");
  EXPECT_EQ(NearestWord("nmae", words), "name");
  EXPECT_EQ(NearestWord("tiemout", words), "timeout");
  EXPECT_EQ(NearestWord("need", words), "needs");
  EXPECT_EQ(NearestWord("name", words), "name");
  EXPECT_FALSE(NearestWord("artifact", words).has_value());
  EXPECT_FALSE(NearestWord("", words).has_value());
  EXPECT_FALSE(NearestWord("x", {"y"}).has_value());
  EXPECT_FALSE(NearestWord(std::string(100'000, 'n'), words).has_value());
  EXPECT_FALSE(NearestWord("name", {}).has_value());
}

TEST(Split, KeepsEmptyParts) {
  EXPECT_EQ(Split("a,,b,", ','), (std::vector<std::string>{"a", "", "b", ""}));
  EXPECT_EQ(Split("", ','), (std::vector<std::string>{""}));
  EXPECT_EQ(Join({"a", "b"}, ", "), "a, b");
  EXPECT_EQ(Join({}, ", "), "");
}

TEST(Trim, TakesBlanksAtBothEnds) {
  EXPECT_EQ(Trim(" \t a b\r\n"), "a b");
  EXPECT_EQ(Trim(" \n"), "");
}

TEST(ToLower, ChangesAsciiOnly) {
  EXPECT_EQ(ToLower("ABz\xC3\x89"), "abz\xC3\x89");
}

TEST(ParseNonNegative, TakesDigitsOnly) {
  EXPECT_EQ(ParseNonNegative("0"), 0);
  EXPECT_EQ(ParseNonNegative("9223372036854775807"), 9223372036854775807LL);
  for (const char* text : {"", "-1", "+1", " 1", "1 ", "1.0", "0x1", "9223372036854775808"}) {
    EXPECT_FALSE(ParseNonNegative(text).has_value()) << text;
  }
}

TEST(Number, IsReadAndWrittenExactlyInAnyLocale) {
  std::setlocale(LC_NUMERIC, "fr_FR.UTF-8");
  EXPECT_EQ(ParseNumber("0.871"), 0.871);
  EXPECT_EQ(ParseNumber("-1e3"), -1000.0);
  EXPECT_EQ(ParseNumber("7"), 7.0);
  EXPECT_EQ(FormatNumber(0.1), "0.1");
  EXPECT_EQ(ParseNumber(FormatNumber(1.0 / 3.0)), 1.0 / 3.0);
  std::setlocale(LC_NUMERIC, "C");
  for (const char* text :
       {"", "inf", "-inf", "nan", "NaN", "1,5", "1e999", "+1", " 1", "1 ", "0x10", "1.2.3"}) {
    EXPECT_FALSE(ParseNumber(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace failgate
