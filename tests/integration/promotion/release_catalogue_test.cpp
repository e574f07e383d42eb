#include "controller/promotion/release_catalogue.h"

#include <gtest/gtest.h>

#include "controller/base/durable_file.h"

namespace failgate {
namespace {

constexpr const char* kProject = "app";

ReleaseRecord Record(long number, long revision, const std::string& run) {
  ReleaseRecord record;
  record.project = ProjectName(kProject);
  record.number = number;
  record.name = MakeReleaseName(record.project, number);
  record.source = SourceName(kProject);
  record.source_url = "https://git.example.com/app.git";
  record.revision = CommitId(std::string(39, 'a') + std::to_string(revision));
  record.ref = "refs/heads/main";
  record.run = RunId(run);
  record.trigger = "code";
  record.training = "full";
  return record;
}

std::string PathOf(const ReleaseRecord& record) {
  return RecordPath(record.project, record.name);
}

class ReleaseCatalogueTest : public testing::Test {
 protected:
  /// The log as it is after these records were written too.
  void Write(const std::vector<ReleaseRecord>& records) {
    CommitDraft draft;
    draft.author = draft.committer = {"failgate", "failgate@example.com"};
    draft.message = "released";
    for (const ReleaseRecord& record : records) {
      draft.edits.push_back(TreeEdit{PathOf(record), ReleaseRecordToJson(record)});
    }
    head_ = WriteCommit(repository_, head_, draft, nullptr);
  }
  [[nodiscard]] LogTree Tree() const { return {repository_, head_}; }
  std::string Found(const LogTree& tree, const ReleaseRecord& record) {
    return catalogue_.FindSame(tree, record).value_or(ReleaseName()).text();
  }
  std::string Newest(const LogTree& tree) {
    return catalogue_.Newest(tree, ProjectName(kProject)).text();
  }

  TemporaryFolder folder_;
  Repository repository_ = Repository::InitBare(folder_.path() / "log.git");
  std::optional<CommitId> head_;
  ReleaseCatalogue catalogue_;
};

TEST_F(ReleaseCatalogueTest, FindsTheReleaseOfTheSameRunOrOfTheSameIngredients) {
  EXPECT_EQ(Newest(Tree()), "");
  Write({Record(1, 1, "run-1"), Record(2, 2, "run-2"), Record(3, 3, "run-3")});
  catalogue_ = {};
  EXPECT_EQ(Newest(Tree()), "app-3");
  EXPECT_EQ(Found(Tree(), Record(9, 9, "run-2")), "app-2");
  EXPECT_EQ(Found(Tree(), Record(9, 1, "run-9")), "app-1");
  EXPECT_EQ(Found(Tree(), Record(9, 9, "run-9")), "");
}

TEST_F(ReleaseCatalogueTest, LearnsWhatIsWrittenLater) {
  EXPECT_EQ(Found(Tree(), Record(9, 1, "run-1")), "");
  Write({Record(1, 1, "run-1")});
  EXPECT_EQ(Found(Tree(), Record(9, 9, "run-1")), "app-1");
  Write({Record(2, 2, "run-2"), Record(3, 2, "run-3")});
  EXPECT_EQ(Newest(Tree()), "app-3");
  EXPECT_EQ(Found(Tree(), Record(9, 2, "run-9")), "app-3");
}

TEST_F(ReleaseCatalogueTest, ForgetsDraftsThatWereNotWritten) {
  Write({Record(1, 1, "run-1")});
  LogTree drafted = Tree();
  drafted.Put(PathOf(Record(2, 2, "run-2")), ReleaseRecordToJson(Record(2, 2, "run-2")));
  EXPECT_EQ(Newest(drafted), "app-2");
  EXPECT_EQ(Found(drafted, Record(9, 9, "run-2")), "app-2");
  EXPECT_EQ(Newest(Tree()), "app-1");
  EXPECT_EQ(Found(Tree(), Record(9, 9, "run-2")), "");
  EXPECT_EQ(Found(Tree(), Record(9, 2, "run-9")), "");
}

TEST_F(ReleaseCatalogueTest, SeesThatADraftCarriesAnotherRecordUnderTheSameName) {
  // What a lost race makes of it: the number went to somebody else's release.
  const auto draft = [this](const ReleaseRecord& record) {
    LogTree drafted = Tree();
    drafted.Put(PathOf(record), ReleaseRecordToJson(record));
    return drafted;
  };
  EXPECT_EQ(Found(draft(Record(1, 1, "run-1")), Record(9, 9, "run-1")), "app-1");
  const LogTree again = draft(Record(1, 2, "run-2"));
  EXPECT_EQ(Found(again, Record(9, 9, "run-1")), "");
  EXPECT_EQ(Found(again, Record(9, 1, "run-9")), "");
  EXPECT_EQ(Found(again, Record(9, 9, "run-2")), "app-1");
}

TEST_F(ReleaseCatalogueTest, BelievesTheStateOfTheProjectWhenItTellsOfNothingNew) {
  Write({Record(1, 1, "run-1")});
  EXPECT_EQ(Newest(Tree()), "app-1");
  CommitDraft draft;
  draft.author = draft.committer = {"failgate", "failgate@example.com"};
  draft.message = "released";
  for (const long releases : {1L, 2L}) {
    ProjectState state;
    state.releases = releases;
    draft.edits = {{ProjectPath(ProjectName(kProject)), WriteJson(state)}};
    if (releases == 2) {
      draft.edits.push_back(
          {PathOf(Record(2, 2, "run-2")), ReleaseRecordToJson(Record(2, 2, "run-2"))});
    }
    head_ = WriteCommit(repository_, head_, draft, nullptr);
    EXPECT_EQ(Newest(Tree()), "app-" + std::to_string(releases));
  }
}

TEST_F(ReleaseCatalogueTest, EqualRevisionAndDataWithOtherBytesIsAnotherRelease) {
  ReleaseRecord written = Record(1, 1, "run-1");
  ArtifactRecord artifact;
  artifact.name = "app";
  artifact.sha256 = std::string(64, '1');
  artifact.base_name = "app";
  artifact.origin_run = written.run;
  written.artifacts = {artifact};
  Write({written});
  ReleaseRecord other = written;
  other.run = RunId("run-2");
  EXPECT_EQ(Found(Tree(), other), "app-1");
  other.artifacts.front().sha256 = std::string(64, '2');
  EXPECT_EQ(Found(Tree(), other), "");
}

}  // namespace
}  // namespace failgate
