#include "controller/release/release_record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "controller/base/error.h"

namespace failgate {
namespace {

ReleaseRecord Sample() {
  ReleaseRecord record;
  record.name = ReleaseName("churn-42");
  record.number = 42;
  record.project = ProjectName("churn");
  record.source = SourceName("churn");
  record.source_url = "https://gitlab.example.com/ml/churn.git";
  record.revision = CommitId(std::string(40, 'a'));
  record.ref = "refs/heads/main";
  record.data = "data/train.csv@sha256:9b1d";
  record.created = *ParseTime("2026-11-23T09:00:00Z");
  record.run = RunId("0193-run");
  record.trigger = "code";
  record.training = "full";
  record.delivery = "72d3162e";
  ArtifactRecord model;
  model.name = "model";
  model.sha256 = std::string(64, '1');
  model.size = 12;
  model.format = "joblib";
  model.base_name = "model.joblib";
  model.origin_run = RunId("0190-run");
  model.origin_release = ReleaseName("churn-41");
  model.trained = "full";
  ArtifactRecord app = model;
  app.name = "app";
  app.executable = true;
  record.artifacts = {model, app};
  record.evidence.tests["unit"] = {212, 0, 0, 1};
  record.evidence.coverage = CoverageFigures{80, 100, 0, 0};
  record.evidence.metrics["auc"] = 0.871;
  record.evidence.steps = {{"unit", "unit", EvidenceState::kPassed, {212, 0, 0, 1}}};
  record.authors = {{"Zo\xC3\xAB", "zoe@example.com"}};
  record.previous = ReleaseName("churn-41");
  return record;
}

TEST(ReleaseRecord, ReadsBackAsTheSameBytes) {
  const std::string json = ReleaseRecordToJson(Sample());
  const auto record = ParseReleaseRecord(json);
  ASSERT_TRUE(record.has_value()) << record.error().text;
  EXPECT_EQ(ReleaseRecordToJson(*record), json);
  EXPECT_EQ(record->artifacts.at(0).name, "app");
  EXPECT_TRUE(record->artifacts.at(0).executable);
  EXPECT_EQ(record->evidence, Sample().evidence);
  EXPECT_EQ(record->authors, Sample().authors);
}

TEST(ReleaseRecord, NamesWatchesOnlyWhereThereAreSome) {
  EXPECT_EQ(ReleaseRecordToJson(Sample()).find("watched"), std::string::npos);
  ReleaseRecord record = Sample();
  record.watched = {"clicks", "sales"};
  const std::string json = ReleaseRecordToJson(record);
  const auto read = ParseReleaseRecord(json);
  ASSERT_TRUE(read.has_value()) << read.error().text;
  EXPECT_EQ(read->watched, record.watched);
  record.watched = {"sales", "clicks"};
  EXPECT_THROW((void)ReleaseRecordToJson(record), Error);
  std::string empty = ReleaseRecordToJson(Sample());
  empty.replace(empty.rfind("\n}"), 2, ",\n  \"watched\": []\n}");
  EXPECT_FALSE(ParseReleaseRecord(empty).has_value());
}

TEST(ReleaseRecord, DoesNotDependOnTheOrderOfArtifacts) {
  ReleaseRecord other = Sample();
  std::swap(other.artifacts.at(0), other.artifacts.at(1));
  EXPECT_EQ(ReleaseRecordDigest(other), ReleaseRecordDigest(Sample()));
  EXPECT_EQ(ReleaseRecordDigest(other).size(), 71U);
}

TEST(ReleaseRecord, IsTheSameReleaseForTheSameRevisionAndBytes) {
  ReleaseRecord other = Sample();
  other.number = 43;
  other.run = RunId("other");
  EXPECT_TRUE(SameRelease(Sample(), other));
  other.artifacts.at(0).sha256 = std::string(64, '2');
  EXPECT_FALSE(SameRelease(Sample(), other));
}

TEST(ReleaseRecord, IsAnotherReleaseWhenItWasComparedWithAnotherChampion) {
  const auto compared = [](const char* champion, const char* metric) {
    ReleaseRecord record = Sample();
    record.evidence.measured = {{"train", {{metric, 0.9}}, ReleaseName(champion)}};
    return record;
  };
  EXPECT_TRUE(
      SameRelease(compared("churn-40", "champion.auc"), compared("churn-40", "champion.auc")));
  EXPECT_FALSE(
      SameRelease(compared("churn-40", "champion.auc"), compared("churn-41", "champion.auc")));
  EXPECT_TRUE(SameRelease(compared("churn-40", "auc"), compared("churn-41", "auc")))
      << "nothing was compared";
  const ReleaseRecord record = compared("churn-40", "champion.auc");
  EXPECT_EQ(ParseReleaseRecord(ReleaseRecordToJson(record)).value().evidence, record.evidence);
}

TEST(ReleaseRecord, RefusesToWriteWhatMustNotBeInIt) {
  const std::vector<std::function<void(ReleaseRecord&)>> faults{
      [](ReleaseRecord& r) { r.source_url = "https://bot:token-value@example.com/a.git"; },
      [](ReleaseRecord& r) { r.number = 41; },
      [](ReleaseRecord& r) { r.number = 0; },
      [](ReleaseRecord& r) { r.project = ProjectName("Churn"); },
      [](ReleaseRecord& r) { r.source = SourceName(""); },
      [](ReleaseRecord& r) { r.revision = CommitId("main"); },
      [](ReleaseRecord& r) { r.ref = "main..x"; },
      [](ReleaseRecord& r) { r.data = "a\nb"; },
      [](ReleaseRecord& r) { r.run = RunId(""); },
      [](ReleaseRecord& r) { r.trigger = "check"; },
      [](ReleaseRecord& r) { r.training = "half"; },
      [](ReleaseRecord& r) { r.delivery = "\x1b[0m"; },
      [](ReleaseRecord& r) { r.previous = ReleaseName("nothing"); },
      [](ReleaseRecord& r) { r.artifacts.at(1).name = "model"; },
      [](ReleaseRecord& r) { r.artifacts.at(0).name = "../x"; },
      [](ReleaseRecord& r) { r.artifacts.at(0).sha256 = "abc"; },
      [](ReleaseRecord& r) { r.artifacts.at(0).size = -1; },
      [](ReleaseRecord& r) { r.artifacts.at(0).base_name = "a/b"; },
      [](ReleaseRecord& r) { r.artifacts.at(0).trained = "some"; },
      [](ReleaseRecord& r) { r.artifacts.at(1).kind = ArtifactKind::kFolder; },
      [](ReleaseRecord& r) { r.authors.at(0).email = "nobody"; }};
  for (std::size_t i = 0; i < faults.size(); ++i) {
    ReleaseRecord record = Sample();
    faults[i](record);
    try {
      static_cast<void>(ReleaseRecordToJson(record));
      ADD_FAILURE() << "fault " << i << " was written";
    } catch (const Error& error) {
      EXPECT_EQ(std::string(error.what()).find("token-value"), std::string::npos);
    }
  }
}

TEST(ReleaseRecord, RefusesEveryOtherText) {
  const std::string json = ReleaseRecordToJson(Sample());
  const auto replaced = [&](const std::string& from, const std::string& to) {
    std::string text = json;
    text.replace(text.find(from), from.size(), to);
    return text;
  };
  for (const std::string& text : {std::string(),
                                  std::string("{}"),
                                  std::string("[]"),
                                  json + " ",
                                  json.substr(0, json.size() - 2),
                                  replaced("\"number\": 42", "\"number\": 42.0"),
                                  replaced("\"number\": 42", "\"number\": 43"),
                                  replaced("\"number\"", "\"numbers\""),
                                  replaced("  \"run\"", "   \"run\""),
                                  replaced("\"trigger\"", "\"extra\": 1,\n  \"trigger\""),
                                  replaced("\"run\"", "\"ref\": \"refs/heads/main\",\n  \"run\""),
                                  replaced("failgate-release/1", "failgate-release/2"),
                                  replaced("\"file\"", "\"link\""),
                                  std::string(kMaxReleaseRecordBytes + 1, ' ')}) {
    const auto record = ParseReleaseRecord(text);
    ASSERT_FALSE(record.has_value()) << text.substr(0, 400);
    EXPECT_EQ(record.error().code, "invalid_release_record");
  }
}

}  // namespace
}  // namespace failgate
