#include "controller/base/yaml_reader.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

namespace failgate {
namespace {

using Read = std::function<void(MappingReader&)>;

/// What reading `text` as the mapping `name` complains about.
std::string Complaints(const std::string& text, const std::string& name, const Read& read) {
  const auto parsed = ParseYaml(text, "f.yaml");
  if (!parsed) {
    return Describe(parsed.error());
  }
  ProblemSink problems("f.yaml");
  MappingReader reader(*parsed, name, problems);
  read(reader);
  return Describe(problems.Take());
}

TEST(MappingReader, ReadsEveryKindOfValue) {
  const auto read = [](MappingReader& reader) {
    EXPECT_EQ(reader.String("string"), "true");
    EXPECT_EQ(reader.RequiredString("required"), "x");
    EXPECT_EQ(reader.Bool("bool"), false);
    EXPECT_EQ(reader.Integer("integer", -5, 5), -5);
    EXPECT_EQ(reader.Number("number", 0, 1), 0.5);
    EXPECT_EQ(reader.Duration("duration"), Milliseconds(5'400'000));
    EXPECT_EQ(reader.Size("size"), 4LL << 30U);
    EXPECT_EQ(reader.Size("bytes"), 100);
    EXPECT_EQ(reader.Name("name"), "churn");
    EXPECT_EQ(reader.Strings("strings"), (std::vector<std::string>{"a", "1"}));
    EXPECT_EQ(reader.Strings("single"), (std::vector<std::string>{"a"}));
    EXPECT_EQ(reader.OneOf("one", {"unit", "integration"}), "unit");
    reader.Allow("other");
    reader.NotBuiltYet("later", "docker");
    reader.Finish();
  };
  EXPECT_EQ(Complaints("string: true\nrequired: x\nbool: false\ninteger: -5\nnumber: 0.5\n"
                       "duration: 1h30m\nsize: 4GiB\nbytes: 100\nname: churn\nstrings: [a, 1]\n"
                       "single: a\none: unit\nother: {x: y}\n",
                       "",
                       read),
            "");
}

TEST(MappingReader, TakesAbsentAndNullAsAbsent) {
  const auto read = [](MappingReader& reader) {
    for (const char* key : {"a", "b", "absent"}) {
      EXPECT_EQ(reader.Optional(key), nullptr);
      EXPECT_FALSE(reader.String(key).has_value());
      EXPECT_FALSE(reader.Bool(key).has_value());
      EXPECT_FALSE(reader.Integer(key, 0, 1).has_value());
      EXPECT_FALSE(reader.Number(key, 0, 1).has_value());
      EXPECT_FALSE(reader.Duration(key).has_value());
      EXPECT_FALSE(reader.Size(key).has_value());
      EXPECT_FALSE(reader.Name(key).has_value());
      EXPECT_FALSE(reader.Strings(key).has_value());
      EXPECT_FALSE(reader.OneOf(key, {"x"}).has_value());
    }
    reader.Finish();
  };
  EXPECT_EQ(Complaints("a:\nb: ~\n", "x", read), "");
  EXPECT_EQ(Complaints("", "x", [](MappingReader& reader) { reader.Finish(); }), "");
}

struct ReaderCase {
  std::string text;
  Read read;
  std::string complaint;
};

TEST(MappingReader, SaysWhatIsWrongAndWhatToWrite) {
  const Read string = [](MappingReader& r) { EXPECT_FALSE(r.String("k").has_value()); };
  const Read required = [](MappingReader& r) { EXPECT_EQ(r.RequiredString("k"), ""); };
  const Read boolean = [](MappingReader& r) { EXPECT_FALSE(r.Bool("k").has_value()); };
  const Read integer = [](MappingReader& r) { EXPECT_FALSE(r.Integer("k", 1, 10).has_value()); };
  const Read number = [](MappingReader& r) { EXPECT_FALSE(r.Number("k", 0, 1.5).has_value()); };
  const Read duration = [](MappingReader& r) { EXPECT_FALSE(r.Duration("k").has_value()); };
  const Read size = [](MappingReader& r) { EXPECT_FALSE(r.Size("k").has_value()); };
  const Read name = [](MappingReader& r) { EXPECT_FALSE(r.Name("k").has_value()); };
  const Read strings = [](MappingReader& r) { EXPECT_FALSE(r.Strings("k").has_value()); };
  const Read one = [](MappingReader& r) {
    EXPECT_FALSE(r.OneOf("k", {"unit", "e2e"}).has_value());
  };
  const std::vector<ReaderCase> cases{
      {"k: [a]", string, "1:4: s[0].k: must be a text, not a list"},
      {"k: {a: b}", string, "1:4: s[0].k: must be a text, not a mapping"},
      {"x: 1", required, "1:1: s[0] needs \"k\""},
      {"x: 1\nk:", required, "2:1: s[0] needs \"k\""},
      {"k: ''", required, "1:4: s[0].k: must not be empty"},
      {"k: yes", boolean, "1:4: s[0].k: \"yes\" is not true or false"},
      {"k: 'true'", boolean, "1:4: s[0].k: \"true\" is not true or false: write it without quotes"},
      {"k: [true]", boolean, "1:4: s[0].k: must be true or false, not a list"},
      {"k: 1x", integer, "1:4: s[0].k: \"1x\" is not a whole number"},
      {"k: '1'", integer, "1:4: s[0].k: \"1\" is not a whole number: write it without quotes"},
      {"k: 1.0", integer, "1:4: s[0].k: \"1.0\" is not a whole number"},
      {"k: 010", integer, "1:4: s[0].k: \"010\" is not a whole number"},
      {"k: 99999999999999999999",
       integer,
       "1:4: s[0].k: \"99999999999999999999\" is not a whole number"},
      {"k: 11", integer, "1:4: s[0].k: must be from 1 to 10"},
      {"k: 0", integer, "1:4: s[0].k: must be from 1 to 10"},
      {"k: [1]", integer, "1:4: s[0].k: must be a whole number, not a list"},
      {"k: .nan", number, "1:4: s[0].k: \".nan\" is not a number"},
      {"k: '0.5'", number, "1:4: s[0].k: \"0.5\" is not a number: write it without quotes"},
      {"k: 1.6", number, "1:4: s[0].k: must be from 0 to 1.5"},
      {"k: {}", number, "1:4: s[0].k: must be a number, not a mapping"},
      {"k: 10x",
       duration,
       "1:4: s[0].k: \"10x\" is not a duration: write for example 30s, 10m or 2h"},
      {"k: 10",
       duration,
       "1:4: s[0].k: \"10\" is not a duration: write for example 30s, 10m or 2h"},
      {"k: [1m]", duration, "1:4: s[0].k: must be a duration, not a list"},
      {"k: 4GB",
       size,
       "1:4: s[0].k: \"4GB\" is not a size: write for example 512MiB, 4GiB or a number of bytes"},
      {"k: -1", size, "1:4: s[0].k: \"-1\" is not a size"},
      {"k: 9999999999GiB", size, "is not a size"},
      {"k: GiB", size, "is not a size"},
      {"k: []", size, "1:4: s[0].k: must be a size, not a list"},
      {"k: Churn", name, "1:4: s[0].k: \"Churn\" is not a name: use a-z, 0-9"},
      {"k: newest", name, "1:4: s[0].k: the name \"newest\" is reserved"},
      {"k: []", name, "1:4: s[0].k: must be a name, not a list"},
      {"k: {a: b}", strings, "1:4: s[0].k: must be a text or a list of texts, not a mapping"},
      {"k: [a, [b]]", strings, "1:8: s[0].k[1]: must be a text, not a list"},
      {"k: [a, ~]", strings, "1:8: s[0].k[1]: must be a text, not empty"},
      {"k: unti", one, "1:4: s[0].k: \"unti\" is not one of unit, e2e: did you mean \"unit\"?"},
      {"k: something", one, "1:4: s[0].k: \"something\" is not one of unit, e2e"},
      {"k: [unit]", one, "1:4: s[0].k: must be one of unit, e2e, not a list"},
  };
  for (const ReaderCase& item : cases) {
    const std::string complaints = Complaints(item.text, "s[0]", item.read);
    EXPECT_NE(complaints.find(item.complaint), std::string::npos) << item.text << "\n"
                                                                  << complaints;
  }
}

TEST(MappingReader, NamesTheNearestKnownKey) {
  const auto read = [](MappingReader& reader) {
    static_cast<void>(reader.String("level"));
    static_cast<void>(reader.String("name"));
    reader.NotBuiltYet("lables", "labels of runs");
    reader.Finish();
  };
  EXPECT_EQ(Complaints("lable: x\n", "", read),
            "f.yaml:1:1: unknown key \"lable\": did you mean \"level\"?");
  EXPECT_EQ(Complaints("name: x\nartifacts: y\n", "steps[0]", read),
            "f.yaml:2:1: steps[0]: unknown key \"artifacts\": known keys are level, name");
  EXPECT_EQ(Complaints("x: y\n", "", [](MappingReader& reader) { reader.Finish(); }),
            "f.yaml:1:1: unknown key \"x\": no keys are known here");
}

TEST(MappingReader, SaysWhatThisVersionDoesNotHave) {
  const auto read = [](MappingReader& reader) {
    reader.NotBuiltYet("tls", "put a proxy in front");
    reader.Finish();
  };
  EXPECT_EQ(Complaints("tls: {a: b}\n", "listen", read),
            "f.yaml:1:1: listen.tls is not available in this version of failgate: remove it (put a "
            "proxy in front)");
}

TEST(MappingReader, OfSomethingElseComplainsOnce) {
  const auto read = [](MappingReader& reader) {
    EXPECT_EQ(reader.RequiredString("k"), "");
    reader.Finish();
  };
  EXPECT_EQ(Complaints("[a]", "listen", read), "f.yaml:1:1: listen must be a mapping (key: value)");
  EXPECT_EQ(Complaints("a", "", read), "f.yaml:1:1: the file must be a mapping (key: value)");
}

TEST(ProblemSink, SortsByPlaceAndEmptiesItself) {
  ProblemSink problems("f.yaml");
  YamlNode late;
  late.line = 3;
  late.column = 1;
  problems.Add(late, "late");
  problems.AddForFile("whole");
  EXPECT_FALSE(problems.empty());
  EXPECT_EQ(Describe(problems.Take()), "f.yaml: whole\nf.yaml:3:1: late");
  EXPECT_TRUE(problems.empty());
}

}  // namespace
}  // namespace failgate
