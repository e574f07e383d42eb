#include "controller/promotion/requirement_files.h"

#include <gtest/gtest.h>

#include "controller/base/text.h"

namespace failgate {
namespace {

Requirements Read(const std::map<std::string, std::string>& files, const std::string& first) {
  return ReadRequirements(first, [&](const std::string& path) -> std::optional<std::string> {
    const auto found = files.find(path);
    return found == files.end() ? std::nullopt : std::optional<std::string>(found->second);
  });
}

std::string Names(const Requirements& read) {
  return Join({read.distributions.begin(), read.distributions.end()}, " ");
}

TEST(RequirementFiles, NameDistributions) {
  const Requirements read =
      Read({{"r.txt",
             "# comment\nScikit_Learn>=1.2,<2  # why\nPyYAML\n"
             "uvicorn[standard]==0.1 ; python_version >= '3.9'\n"
             "a.b --hash=sha256:00\\\n  --hash=sha256:11\n"
             "pkg @ https://example.com/p.whl#sha256=1\n"
             "-e git+https://example.com/x.git#egg=editable_one\n"
             "--index-url https://example.com\n-c limits.txt\nspaced (>=1)\n"}},
           "r.txt");
  EXPECT_EQ(Names(read), "a-b editable-one pkg pyyaml scikit-learn spaced uvicorn");
  EXPECT_TRUE(read.problems.empty());
}

TEST(RequirementFiles, IncludeOthersOnce) {
  const Requirements read = Read({{"q/api.txt", "-r base.txt\n-r../top.txt\na\n"},
                                  {"q/base.txt", "--requirement=api.txt\nb\n"},
                                  {"top.txt", "c\n"}},
                                 "q/api.txt");
  EXPECT_EQ(Names(read), "a b c");
  EXPECT_TRUE(read.problems.empty());
}

TEST(RequirementFiles, TellWhatCannotBeRead) {
  const auto first = [](const std::string& text) {
    const Requirements read = Read({{"r.txt", text}}, "r.txt");
    return read.problems.empty() ? "" : read.problems[0].where + ": " + read.problems[0].what;
  };
  EXPECT_EQ(first("-r none.txt\n"), "r.txt:1: none.txt cannot be read");
  EXPECT_EQ(first("-r ../../etc/passwd\n"), "r.txt:1: ../../etc/passwd cannot be read");
  EXPECT_EQ(first("a\n./local\n"), "r.txt:2: \"./local\" names no distribution");
  EXPECT_EQ(first("https://example.com/a.whl\n").substr(0, 8), "r.txt:1:");
  EXPECT_EQ(first("-e .\n"), "r.txt:1: an editable without #egg=NAME names no distribution");
  EXPECT_EQ(first("\xff\n"), "r.txt: r.txt cannot be read");
  EXPECT_EQ(Read({}, "r.txt").problems.size(), 1U);
}

TEST(RequirementFiles, ProvideImports) {
  const std::set<std::string> set = {"scikit-learn", "pyyaml", "google-cloud-storage", "my-lib"};
  EXPECT_TRUE(Provides(set, {}, "sklearn.linear_model.LogisticRegression"));
  EXPECT_TRUE(Provides(set, {}, "yaml"));
  EXPECT_TRUE(Provides(set, {}, "google.cloud.storage.Client"));
  EXPECT_TRUE(Provides(set, {}, "my_lib.part"));
  EXPECT_FALSE(Provides(set, {}, "google.cloud.bigquery"));
  EXPECT_FALSE(Provides(set, {}, "numpy"));
  EXPECT_TRUE(Provides(set, {{"numpy", "My.Lib"}}, "numpy.x"));
  EXPECT_FALSE(Provides(set, {{"yaml", "other"}}, "yaml"));
}

}  // namespace
}  // namespace failgate
