#include "policies/gates/artifacts.h"

#include <gtest/gtest.h>

#include "policies/evaluate.h"
#include "policies/facts_json.h"
#include "policies/policy_parser.h"
#include "tests/unit/policies/policy_cases.h"

namespace failgate {
namespace {

const std::string kDigest = "sha256:" + std::string(64, 'a');

ArtifactFact File(const std::string& name,
                  const std::string& format,
                  LoadSafety safety = LoadSafety::kData,
                  const std::string& declared = "") {
  ArtifactFact fact{name, kDigest, 100, declared, false};
  fact.contents = ArtifactContents{1, 100, {{format, safety, 1, "", ""}}};
  return fact;
}

GateVerdict Judge(const std::string& settings, std::vector<ArtifactFact> artifacts) {
  const auto policy = MergedPolicy("gates: {artifacts: {" + settings + "}}", "");
  if (!policy) throw Error(Remedy::kNeedsChange, Describe(policy.error()));
  Facts facts = EmptyFacts();
  facts.artifacts = std::move(artifacts);
  return Evaluate(*policy, facts).verdicts.at(0);
}

void ExpectFail(const GateVerdict& verdict, const std::string& reason) {
  EXPECT_EQ(verdict.verdict, Verdict::kFail);
  EXPECT_EQ(verdict.reason, reason);
}

TEST(ArtifactsGateTest, LetsInWhatIsAllowed) {
  const GateVerdict verdict =
      Judge("allow: [safetensors, text]", {File("b", "text"), File("a", "safetensors")});
  EXPECT_EQ(verdict.verdict, Verdict::kPass);
  EXPECT_EQ(verdict.reason, "a safetensors; b text");
  ExpectFail(Judge("allow: [text]", {File("b", "text"), File("a", "safetensors")}),
             "a is safetensors, which is not allowed");
  ExpectFail(Judge("allow: [text]", {File("a", "unknown", LoadSafety::kUnknown)}),
             "a is unknown, which is not allowed");
}

TEST(ArtifactsGateTest, KeepsOutWhatIsDenied) {
  ExpectFail(Judge("deny: [pickle]", {File("a", "pickle", LoadSafety::kCode)}),
             "a is pickle, which is denied");
  ExpectFail(Judge("deny: [runs-code]", {File("a", "torch", LoadSafety::kCode)}),
             "a is torch, which runs code when it is loaded");
  ExpectFail(Judge("deny: [runs-code]", {File("a", "hdf5", LoadSafety::kUnknown)}),
             "a is hdf5, of which it is not known whether loading it runs code");
  EXPECT_EQ(Judge("deny: [runs-code]", {File("a", "onnx")}).verdict, Verdict::kPass);
  ExpectFail(Judge("allow: [pickle], deny: [pickle]", {File("a", "pickle", LoadSafety::kCode)}),
             "a is pickle, which is denied");
}

TEST(ArtifactsGateTest, HoldsArtifactsToWhatTheyAreDeclared) {
  ExpectFail(Judge("", {File("a", "pickle", LoadSafety::kCode, "safetensors")}),
             "a is declared safetensors and is pickle");
  ExpectFail(Judge("formats: {a: onnx}", {File("a", "text")}), "a is declared onnx and is text");
  ExpectFail(Judge("formats: {a: onnx}", {File("a", "text", LoadSafety::kData, "text")}),
             "a is declared text by the pipeline and must be onnx");
  ExpectFail(Judge("formats: {b: onnx}", {File("a", "onnx")}),
             "there is no artifact b, which must be onnx");
  ExpectFail(Judge("", {File("a", "text", LoadSafety::kData, "sqlite")}),
             "a is declared sqlite and is text");
}

TEST(ArtifactsGateTest, TakesAPickleForAJoblibDumpOnlyWhereItIsDeclaredSo) {
  const auto dump = File("a", "pickle", LoadSafety::kCode, "joblib");
  EXPECT_EQ(Judge("allow: [joblib]", {dump}).verdict, Verdict::kPass);
  EXPECT_EQ(Judge("allow: [joblib], deny: [pickle]", {dump}).verdict, Verdict::kFail);
  ExpectFail(
      Judge("allow: [joblib], formats: {a: joblib}", {File("a", "pickle", LoadSafety::kCode)}),
      "a is pickle, which is not allowed");
  ExpectFail(Judge("", {File("a", "joblib", LoadSafety::kCode, "pickle")}),
             "a is declared pickle and is joblib");
}

TEST(ArtifactsGateTest, NeverPassesWhatIsDamagedAmbiguousOrNotRecorded) {
  for (const char* format : {"damaged", "ambiguous"}) {
    ExpectFail(Judge("", {File("a", format)}), std::string("a is ") + format);
  }
  ArtifactFact old = File("a", "text");
  old.contents.reset();
  const std::string again = "a what its bytes are was not recorded: run the pipeline again";
  ExpectFail(Judge("", {old}), again);
  old.contents = ArtifactContents{};
  ExpectFail(Judge("", {old}), again);
  ExpectFail(Judge("", {}), "the release has no artifact to judge");
}

TEST(ArtifactsGateTest, JudgesEachFileOfAFolder) {
  ArtifactFact folder{"a", kDigest, 100, "onnx", true};
  folder.contents = ArtifactContents{6,
                                     900,
                                     {{"empty", LoadSafety::kData, 1, "e", ""},
                                      {"onnx", LoadSafety::kData, 2, "m", ""},
                                      {"pickle", LoadSafety::kCode, 3, "x/y", "odd"}}};
  ExpectFail(Judge("allow: [onnx]", {folder}),
             "a x/y is pickle, which is not allowed (odd), as 2 more files are");
  EXPECT_EQ(Judge("allow: [onnx, pickle]", {folder}).verdict, Verdict::kPass);
  folder.declared = "torch";
  ExpectFail(Judge("", {folder}), "a is declared torch and holds no such file");
}

TEST(ArtifactsGateTest, CountsWhatIsStoredOrUnpacked) {
  ArtifactFact zip = File("a", "zip");
  zip.contents->bytes = 2048;
  EXPECT_EQ(Judge("max_size: 2KiB", {zip}).verdict, Verdict::kPass);
  zip.contents->bytes = 2049;
  ExpectFail(Judge("max_size: 2KiB", {zip}), "a holds 2049 bytes, more than 2048");
  zip.contents->bytes = 1;
  zip.size = 4096;
  ExpectFail(Judge("max_size: 2KiB", {zip}), "a holds 4096 bytes, more than 2048");
}

TEST(ArtifactsGateTest, WaivesTheseVeryBytesUntilTheDay) {
  const auto waived = [](const std::string& digest, const std::string& until) {
    return "deny: [pickle], waivers: [{artifact: a, digest: '" + digest + "', until: " + until +
           ", reason: known}]";
  };
  const ArtifactFact pickle = File("a", "pickle", LoadSafety::kCode);
  const GateVerdict verdict = Judge(waived(kDigest, "2026-11-24"), {pickle});
  EXPECT_EQ(verdict.verdict, Verdict::kPass);
  EXPECT_EQ(verdict.reason, "a waived until 2026-11-24T00:00:00Z: known");
  EXPECT_EQ(Judge(waived(kDigest, "2026-11-23"), {pickle}).verdict, Verdict::kFail);
  const std::string other = "sha256:" + std::string(64, 'b');
  EXPECT_EQ(Judge(waived(other, "2026-11-24"), {pickle}).verdict, Verdict::kFail);
  ArtifactFact unknown = pickle;
  unknown.contents.reset();
  EXPECT_EQ(Judge(waived(kDigest, "2026-11-24"), {unknown}).verdict, Verdict::kFail);
}

TEST(ArtifactsGateTest, RefusesWhatIsNoFormatOrWaiver) {
  const auto refused = [](const std::string& settings) {
    const auto policy = MergedPolicy("gates: {artifacts: {" + settings + "}}", "");
    return policy ? std::string() : Describe(policy.error());
  };
  EXPECT_NE(refused("allow: [safetensor]").find("did you mean safetensors?"), std::string::npos);
  EXPECT_NE(refused("deny: [damaged]").find("is no format"), std::string::npos);
  EXPECT_NE(refused("allow: []").find("at least one"), std::string::npos);
  EXPECT_NE(refused("formats: {A/b: text}").find("no name of an artifact"), std::string::npos);
  EXPECT_NE(refused("waivers: [{artifact: a, digest: x, until: 2027-01-01, reason: r}]")
                .find("64 lower-case hex digits"),
            std::string::npos);
  EXPECT_NE(refused("waivers: [{artifact: a, digest: '" + kDigest + "', until: soon, reason: r}]")
                .find("a day such as"),
            std::string::npos);
}

TEST(ArtifactsGateTest, IsTightenedByAProject) {
  const auto merge = [](const std::string& floor, const std::string& project) {
    const auto policy = MergedPolicy("gates: {artifacts: {" + floor + "}}",
                                     "gates: {artifacts: {" + project + "}}");
    return policy ? std::string() : Describe(policy.error());
  };
  EXPECT_EQ(merge("allow: [onnx, text], max_size: 9", "allow: [onnx], max_size: 8, deny: [text]"),
            "");
  EXPECT_NE(merge("allow: [onnx]", "allow: [pickle]").find("looser"), std::string::npos);
  EXPECT_NE(merge("max_size: 9", "max_size: 10").find("looser"), std::string::npos);
  EXPECT_NE(merge("formats: {a: onnx}", "formats: {a: text}").find("looser"), std::string::npos);
  EXPECT_NE(merge("", "mode: advise").find("looser"), std::string::npos);
  EXPECT_NE(
      merge("", "waivers: [{artifact: a, digest: '" + kDigest + "', until: 2027-01-01, reason: r}]")
          .find("looser"),
      std::string::npos);
}

TEST(ArtifactsGateTest, IsAskedOfARollbackAndReadsBackFromTheRecord) {
  const auto policy = MergedPolicy("gates: {artifacts: {deny: [pickle]}}", "");
  Facts facts = EmptyFacts();
  facts.rollback = true;
  facts.artifacts = {File("a", "pickle", LoadSafety::kCode, "pickle"), File("b", "text")};
  EXPECT_EQ(Evaluate(*policy, facts).outcome, Outcome::kBlocked);
  const auto again = FactsFromJson(FactsToJson(facts));
  ASSERT_TRUE(again.has_value()) << again.error().text;
  EXPECT_EQ(*again, facts);
  facts.artifacts[0].contents->formats[0].format = "no-such-format";
  EXPECT_FALSE(FactsFromJson(FactsToJson(facts)).has_value());
}

}  // namespace
}  // namespace failgate
