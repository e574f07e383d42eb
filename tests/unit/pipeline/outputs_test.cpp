#include "controller/pipeline/outputs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace failgate {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;

TEST(Outputs, ReadsLinesAndKeepsTheLastValue) {
  EXPECT_THAT(ParseOutputs("a=1\n\nb_c-d=x=y\na=2").value(),
              ElementsAre(Pair("a", "2"), Pair("b_c-d", "x=y")));
  EXPECT_TRUE(ParseOutputs("").value().empty());
  EXPECT_THAT(ParseOutputs("empty=\n").value(), ElementsAre(Pair("empty", "")));
}

TEST(Outputs, RefusesGarbageByLineWithoutShowingIt) {
  for (const std::string text : {"good=1\nno equals secret-value\n",
                                 "ok=1\n=secret-value\n",
                                 "ok=1\n1a=secret-value\n",
                                 "ok=1\na b=secret-value\n",
                                 "ok=1\na=secret-value\x01\n",
                                 "ok=1\na=secret-value\r\n",
                                 "ok=1\na=secret-value\xff\n"}) {
    const auto outputs = ParseOutputs(text);
    ASSERT_FALSE(outputs.has_value()) << text;
    EXPECT_THAT(outputs.error().text, HasSubstr("line 2"));
    EXPECT_THAT(outputs.error().text, Not(HasSubstr("secret-value")));
  }
}

TEST(Outputs, RefusesWhatIsTooMuch) {
  EXPECT_EQ(ParseOutputs(std::string(kMaxOutputFileBytes + 1, 'a')).error().code,
            "output_too_large");
  EXPECT_FALSE(ParseOutputs("a=" + std::string(kMaxOutputValueBytes + 1, 'x')).has_value());
  EXPECT_FALSE(ParseOutputs(std::string(65, 'k') + "=x").has_value());
  std::string many;
  for (std::size_t i = 0; i <= kMaxOutputKeys; ++i) {
    many += "k" + std::to_string(i) + "=\n";
  }
  EXPECT_FALSE(ParseOutputs(many).has_value());
}

const std::map<std::string, StepOutputs, std::less<>> kOutputs{
    {"build", {{"version", "1.2"}, {"up", "../x"}, {"again", "${{ steps.build.outputs.up }}"}}}};

TEST(Outputs, AreSubstitutedOnce) {
  EXPECT_EQ(SubstituteOutputs(
                "v${{ steps.build.outputs.version }}-${{steps.build.outputs.version}}", kOutputs)
                .value(),
            "v1.2-1.2");
  EXPECT_EQ(SubstituteOutputs("${{ steps.build.outputs.again }}", kOutputs).value(),
            "${{ steps.build.outputs.up }}");
  EXPECT_EQ(SubstituteOutputs("plain $X ${Y}", kOutputs).value(), "plain $X ${Y}");
}

TEST(Outputs, RefuseWhatIsNotThere) {
  EXPECT_EQ(SubstituteOutputs("${{ steps.other.outputs.x }}", kOutputs).error().code,
            "output_missing");
  EXPECT_EQ(SubstituteOutputs("${{ steps.build.outputs.x }}", kOutputs).error().code,
            "output_missing");
  for (const std::string text : {"${{",
                                 "${{ }}",
                                 "${{ steps.a }}",
                                 "${{ steps.A.outputs.b }}",
                                 "${{ steps..outputs.b }}",
                                 "${{ secrets.X }}",
                                 "${{ steps.a.outputs.b || 1 }}"}) {
    EXPECT_EQ(SubstituteOutputs(text, kOutputs).error().code, "expression_malformed") << text;
  }
}

TEST(Outputs, CannotMakeAPathLeaveTheWorkspace) {
  EXPECT_EQ(SubstituteOutputsInPath("out/${{ steps.build.outputs.version }}", kOutputs).value(),
            "out/1.2");
  EXPECT_EQ(SubstituteOutputsInPath("out/${{ steps.build.outputs.up }}", kOutputs).error().code,
            "output_unsafe_path");
}

}  // namespace
}  // namespace failgate
