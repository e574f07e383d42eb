// What the case tables of the gate `model` cannot hold: values that no record holds, how facts are
// read, and refusals of settings.
#include "policies/gates/model.h"

#include <gtest/gtest.h>

#include <limits>

#include "policies/evaluate.h"
#include "policies/facts_json.h"
#include "tests/unit/policies/policy_cases.h"

namespace failgate {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

Facts Measured(const std::map<std::string, double>& metrics) {
  Facts facts = EmptyFacts();
  facts.running = ReleaseName("churn-41");
  facts.evidence.measured.push_back({"train", metrics, ReleaseName("churn-41")});
  return facts;
}

Policy PolicyWith(const std::string& model) {
  const Parsed<Policy> policy = MergedPolicy("gates: {model: {" + model + "}}", "");
  EXPECT_TRUE(policy.has_value()) << Describe(policy.error());
  return *policy;
}

TEST(ModelGate, PassesNoNumberThatIsNone) {
  const char* gates[] = {
      "metric: auc, at_least: 0.8",
      "metric: auc, at_most: 0.8",
      "metric: auc, at_least: -1e300, at_most: 1e300, direction: lower",
      "metric: auc, direction: higher, not_worse_than: champion, tolerance: 1e300",
      "metric: auc, direction: lower, not_worse_than: champion, tolerance: 100%",
      "metric: auc, at_least: 0, samples: {metric: n, at_least: 1}"};
  const double bad[] = {kNaN, kInfinity, -kInfinity};
  for (const char* gate : gates) {
    const Policy policy = PolicyWith(gate);
    for (const double value : bad) {
      for (const Facts& facts :
           {Measured({{"auc", value}, {"champion.auc", 0.5}, {"n", 5}}),
            Measured({{"auc", value}, {"champion.auc", value}, {"n", value}})}) {
        EXPECT_EQ(Evaluate(policy, facts).verdicts.at(0).verdict, Verdict::kFail) << gate;
        EXPECT_FALSE(ModelIsJudged(*policy.model, {}, facts)) << gate;
      }
    }
  }
  const Policy compared = PolicyWith(gates[3]);
  const Policy counted = PolicyWith(gates[5]);
  for (const double value : bad) {
    EXPECT_EQ(Evaluate(compared, Measured({{"auc", 0.9}, {"champion.auc", value}})).outcome,
              Outcome::kBlocked);
    EXPECT_EQ(Evaluate(counted, Measured({{"auc", 0.9}, {"n", value}})).outcome, Outcome::kBlocked);
  }
}

TEST(ModelGate, IsOverriddenForAWorseModelAndNotForAMissingValue) {
  const Policy policy = PolicyWith("metric: auc, at_least: 0.8, not_worse_than: champion");
  EXPECT_TRUE(ModelIsJudged(*policy.model, {}, Measured({{"auc", 0.7}, {"champion.auc", 0.9}})));
  EXPECT_TRUE(ModelIsJudged(*policy.model, {}, Measured({{"auc", 0.85}, {"champion.auc", 0.9}})));
  EXPECT_FALSE(ModelIsJudged(*policy.model, {}, Measured({{"auc", 0.85}})));
  EXPECT_FALSE(ModelIsJudged(*policy.model, {}, EmptyFacts()));
}

TEST(ModelGate, AsksForAnotherRunOnlyWhenThatMayLetItPass) {
  const Policy policy = PolicyWith("metric: auc, at_least: 0.8, not_worse_than: champion");
  Facts facts = Measured({{"auc", 0.9}, {"champion.auc", 0.5}});
  EXPECT_FALSE(ComparisonIsStale(*policy.model, {}, facts));
  facts.running = ReleaseName("churn-40");
  EXPECT_TRUE(ComparisonIsStale(*policy.model, {}, facts));
  facts.evidence.measured[0].metrics["auc"] = 0.7;
  EXPECT_FALSE(ComparisonIsStale(*policy.model, {}, facts)) << "it fails whatever runs there";
}

TEST(ModelFacts, AreReadAsTheyWereWrittenAndOldOnesWithoutThem) {
  Facts facts = Measured({{"auc", 1e308}, {"auc[country=FR]", -0.0}});
  ConsistencyFigures consistency;
  consistency.predictions = {10, 1};
  consistency.invariance = {3, 0};
  consistency.direction = {0, 2};
  consistency.schema = {{"age", "int"}};
  consistency.champion_schema = {{"age", "float"}};
  consistency.rerun = {{"auc", 0.5}};
  facts.evidence.measured[0].consistency = consistency;
  facts.evidence.measured[0].repeated = StepMeasurement::Repeated{2, "metric auc moved"};
  facts.evidence.measured.push_back({"score", {{"f1", 1}}, {}, ReleaseName("churn-40")});
  facts.models =
      ModelFacts{{{"m", "sha256:a"}}, {{"m", "sha256:b"}}, {{"age", "int"}}, {"auc[country=FR]"}};
  const std::string json = FactsToJson(facts);
  const Result<Facts> again = FactsFromJson(json);
  ASSERT_TRUE(again.has_value()) << again.error().text;
  EXPECT_EQ(*again, facts);

  const std::string old = FactsToJson(EmptyFacts());
  EXPECT_EQ(old.find("measured"), std::string::npos);
  EXPECT_EQ(old.find("models"), std::string::npos);
  const Result<Facts> of_old = FactsFromJson(old);
  ASSERT_TRUE(of_old.has_value());
  EXPECT_TRUE(of_old->evidence.measured.empty());

  for (const auto& [from, to] : {std::pair("\"step\": \"train\"", "\"step\": 1"),
                                 std::pair("1e+308", "1e+309"),
                                 std::pair("1e+308", "\"NaN\""),
                                 std::pair("1e+308", "null"),
                                 std::pair("\"compared\": 10", "\"compared\": -1"),
                                 std::pair("\"champion_trained\"", "\"champions\"")}) {
    std::string broken = json;
    const std::size_t at = broken.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    broken.replace(at, std::string(from).size(), to);
    EXPECT_FALSE(FactsFromJson(broken).has_value()) << to;
  }
}

TEST(ModelSettings, RefuseWhatIsAmbiguousOrLooser) {
  const std::pair<const char*, const char*> refused[] = {
      {"metric: auc", "needs at_least, at_most or not_worse_than"},
      {"at_least: 0.8", "needs"},
      {"metric: auc, not_worse_than: champion", "which values are better?"},
      {"metric: auc, at_least: 1, at_most: 2, not_worse_than: champion", "which values"},
      {"metric: auc, at_least: .nan", "is not a number"},
      {"metric: auc, at_least: 1e400", "is not a number"},
      {"metric: auc, at_least: 2, at_most: 1, direction: higher", "no value passes"},
      {"metric: auc, at_least: 1, tolerance: 0.1", "tolerance needs not_worse_than"},
      {"metric: auc, at_least: 1, not_worse_than: champion, tolerance: -1", "must be a number"},
      {"metric: auc, at_least: 1, not_worse_than: champion, tolerance: 101%", "must be a number"},
      {"metric: auc, at_least: 1, not_worse_than: best", "champion"},
      {"metric: champion.auc, at_least: 1", "not begin with champion."},
      {"metric: auc, at_least: 1, slices: [FR]", "must be 1 to 100 slices"},
      {"metric: \"auc[a=b]\", at_least: 1, slices: [a=c]", "a slice has no slices"},
      {"metric: auc, at_least: 1, samples: {at_least: 0}", "must be from 1"},
      {"metric: auc, at_least: 1, toleranc: 1", "did you mean"},
      {"metrics: []", "must be 1 to 100 metrics"},
      {"metrics: [{metric: a, at_least: 1}, {metric: a, at_least: 1}]", "is there twice"},
      {"metrics: [{metric: a, at_least: 1, key: true}, {metric: b, at_least: 1, key: true}]",
       "one metric is the key one"}};
  for (const auto& [text, says] : refused) {
    const Parsed<Policy> policy = MergedPolicy(std::string("gates: {model: {") + text + "}}", "");
    ASSERT_FALSE(policy.has_value()) << text;
    EXPECT_NE(Describe(policy.error()).find(says), std::string::npos) << Describe(policy.error());
  }
  const std::string floor =
      "gates: {model: {metric: auc, at_least: 0.8, not_worse_than: champion, tolerance: 0.01, "
      "warn: 0.9, samples: {metric: n, at_least: 100}}}";
  for (const char* project : {"at_least: 0.7",
                              "tolerance: 0.02",
                              "tolerance: 1%",
                              "warn: 0.85",
                              "samples: {metric: n, at_least: 99}",
                              "samples: {metric: other, at_least: 100}",
                              "at_least: 0.9, mode: advise"}) {
    const Parsed<Policy> policy =
        MergedPolicy(floor, std::string("gates: {model: {metric: auc, ") + project + "}}\n");
    ASSERT_FALSE(policy.has_value()) << project;
    EXPECT_NE(Describe(policy.error()).find("never loosens"), std::string::npos)
        << Describe(policy.error());
  }
  EXPECT_FALSE(MergedPolicy(floor, "gates: {model: {metric: auc, direction: lower}}").has_value());
}

}  // namespace
}  // namespace failgate
