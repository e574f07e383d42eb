#include "controller/data/dvc_file.h"

#include <gtest/gtest.h>

namespace failgate {
namespace {

const std::string kMd5 = "d41d8cd98f00b204e9800998ecf8427e";

std::string WhyNot(const std::string& text, const std::string& path = "data/a.csv.dvc") {
  const auto outs = ParseDvcFile(text, path);
  return outs ? "" : outs.error().text;
}

TEST(DvcFile, NamesItsOutBesideIt) {
  const auto outs = ParseDvcFile(
      "outs:\n- md5: " + kMd5 + "\n  size: 12\n  hash: md5\n  path: a.csv\n", "data/a.csv.dvc");
  ASSERT_TRUE(outs.has_value()) << outs.error().text;
  const DvcOut wanted{"data/a.csv", kMd5, false, false, 12, false};
  EXPECT_EQ(*outs, std::vector<DvcOut>{wanted});
  EXPECT_EQ(DigestText(wanted), "md5:" + kMd5);
}

TEST(DvcFile, OfDvc2HasNoWordForItsDigest) {
  const auto outs = ParseDvcFile(
      "outs:\n- md5: " + kMd5 + ".dir\n  nfiles: 2\n  path: images\nmeta: {by: alice}\n", "i.dvc");
  ASSERT_TRUE(outs.has_value()) << outs.error().text;
  EXPECT_TRUE(outs->front().former);
  EXPECT_TRUE(outs->front().is_folder);
  EXPECT_EQ(DigestText(outs->front()), "md5:" + kMd5 + ".dir");
}

TEST(DvcFile, MayLieElsewhereInTheSource) {
  const std::string out = "outs:\n- {md5: " + kMd5 + ", hash: md5, path: a.csv}\n";
  EXPECT_EQ(ParseDvcFile("wdir: ../raw\n" + out, "data/a.dvc")->front().path, "raw/a.csv");
  EXPECT_NE(WhyNot("wdir: ../..\n" + out).find("no path inside the source"), std::string::npos);
}

TEST(DvcFile, IsRefusedWithItsPlace) {
  const auto out = [](const std::string& fields) { return "outs:\n- {" + fields + "}\n"; };
  EXPECT_NE(WhyNot(out("md5: " + kMd5 + ", path: /etc/passwd")).find("data/a.csv.dvc:2:"),
            std::string::npos);
  EXPECT_NE(WhyNot(out("md5: " + kMd5 + ", path: ../../x")), "");
  EXPECT_NE(WhyNot(out("md5: " + kMd5 + ", path: 's3://b/x'")), "");
  EXPECT_NE(WhyNot(out("md5: " + kMd5 + ", path: .git/config")), "");
  EXPECT_NE(WhyNot(out("path: a.csv")).find("has no md5"), std::string::npos);
  EXPECT_NE(WhyNot(out("md5: '../../x', path: a.csv")).find("has no md5"), std::string::npos);
  EXPECT_NE(WhyNot(out("md5: " + kMd5 + ", hash: etag, path: a.csv")).find("has no md5"),
            std::string::npos);
  EXPECT_NE(WhyNot("meta: x\n"), "");
  EXPECT_NE(WhyNot("outs: {}\n"), "");
  EXPECT_NE(WhyNot("- a\n"), "");
}

TEST(DvcFile, IsRefusedInOneLineHoweverMuchIsWrong) {
  const std::string why = WhyNot("stages:\n  a: 1\n  a: 2\n  b: 1\n  b: 2\n", "dvc.lock");
  EXPECT_NE(why.find("dvc.lock:3:3: "), std::string::npos) << why;
  EXPECT_NE(why.find("; dvc.lock:5:3: "), std::string::npos) << why;
  EXPECT_EQ(why.find('\n'), std::string::npos) << why;
}

TEST(DvcLock, NamesTheOutsOfItsStages) {
  const std::string text =
      "schema: '2.0'\nstages:\n  prepare:\n    cmd: python prepare.py\n    deps:\n"
      "    - {path: raw.csv, hash: md5, md5: " +
      kMd5 + ", size: 3}\n    outs:\n    - {path: clean.csv, hash: md5, md5: " + kMd5 +
      ", size: 2}\n  train:\n    cmd: python train.py\n";
  const auto outs = ParseDvcFile(text, "dvc.lock");
  ASSERT_TRUE(outs.has_value()) << outs.error().text;
  ASSERT_EQ(outs->size(), 1U);
  EXPECT_EQ(outs->front().path, "clean.csv");
  EXPECT_TRUE(outs->front().from_stage);
  EXPECT_NE(WhyNot("prepare: {outs: []}\n", "dvc.lock").find("schema 2.0"), std::string::npos);
}

TEST(DvcFile, IsKnownByItsName) {
  EXPECT_TRUE(IsDvcFile("data/a.csv.dvc"));
  EXPECT_TRUE(IsDvcFile("dvc.lock"));
  EXPECT_TRUE(IsDvcFile("sub/dvc.lock"));
  EXPECT_FALSE(IsDvcFile("dvc.yaml"));
  EXPECT_FALSE(IsDvcFile(".dvc"));
  EXPECT_FALSE(IsDvcFile("a.dvcx"));
}

TEST(DvcListing, HoldsFilesInsideTheFolder) {
  const auto entries = ParseDvcListing(R"([{"md5": ")" + kMd5 + R"(", "relpath": "a/b.png"}])");
  ASSERT_TRUE(entries.has_value()) << entries.error().text;
  EXPECT_EQ(*entries, (std::vector<DvcEntry>{{"a/b.png", kMd5}}));
}

TEST(DvcListing, IsRefusedWhenAFileLeavesItOrIsThereTwice) {
  const auto entry = [](const std::string& path) {
    return R"({"md5": ")" + kMd5 + R"(", "relpath": ")" + path + R"("})";
  };
  for (const char* path : {"../x", "/etc/x", "a/../../x", "", "a//b"}) {
    EXPECT_FALSE(ParseDvcListing("[" + entry(path) + "]").has_value()) << path;
  }
  EXPECT_FALSE(ParseDvcListing("[" + entry("a") + "," + entry("a") + "]").has_value());
  EXPECT_FALSE(ParseDvcListing(R"([{"md5": "x", "relpath": "a"}])").has_value());
  EXPECT_FALSE(ParseDvcListing(R"([1])").has_value());
  EXPECT_FALSE(ParseDvcListing(R"({"a": 1})").has_value());
  EXPECT_FALSE(ParseDvcListing("[").has_value());
}

}  // namespace
}  // namespace failgate
