// Bad fields that every provider answers alike, wherever its payload keeps them.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/support/senders.h"

namespace failgate {
namespace {

using nlohmann::json;

const std::string kZeros40(40, '0');
const std::string kZeros64(64, '0');

/// The ordinary push with one value replaced.
RawDelivery PushWith(const TestSender& sender, const std::string& pointer, const json& value) {
  json payload = json::parse(PushOf(sender));
  payload[json::json_pointer(pointer)] = value;
  return Proven(sender, payload.dump());
}

TEST(EveryPayload, HasFieldsOfTheRightTypeAndSize) {
  for (const TestSender& sender : TestSenders()) {
    const auto with = [&](const std::string& pointer, const json& value) {
      return PushWith(sender, pointer, value);
    };
    std::vector<HookRow> rows = {
        {"73 ref", with(sender.ref, "refs/heads/" + std::string(900000, 'a')), 422, "unusable"},
        {"75 ref", with(sender.ref, 1), 422, "unusable"},
        {"75 after", with(sender.after, json::array()), 422, "unusable"},
        {"75 before", with(sender.before, true), 422, "unusable"},
        {"75 url", with(sender.repository_url, json::array()), 422, "unusable"},
        {"71", with("/__proto__", {{"constructor", 1}}), 202, "queued"},
        {"93", with("/callback_url", "http://169.254.169.254/"), 202, "queued"}};
    if (!sender.repository.empty()) {
      rows.push_back({"75 repository", with(sender.repository, json::array()), 422, "unusable"});
    }
    if (!sender.commits.empty()) {
      rows.push_back({"75 commits", with(sender.commits, json::object()), 422, "unusable"});
      rows.push_back({"80", with(sender.commits, nullptr), 202, "queued"});
      rows.push_back(
          {"82", with(sender.commits, std::vector<json>(2048, json::object())), 202, "queued"});
      rows.push_back({"73 commits",
                      with(sender.commits, std::vector<json>(20000, json::object())),
                      422,
                      "unusable"});
    }
    ExpectRows(sender, rows);
  }
}

TEST(EveryPayload, SaysDeletionByZeros) {
  for (const TestSender& sender : TestSenders()) {
    for (const std::string& zeros : {kZeros40, kZeros64}) {
      const HookOutcome outcome = Receive(sender, PushWith(sender, sender.after, zeros));
      ASSERT_EQ(outcome.word, "queued") << "83 " << sender.word;
      EXPECT_TRUE(outcome.parsed.ref_updates.at(0).deleted) << sender.word;
      EXPECT_FALSE(outcome.parsed.ref_updates.at(0).after) << sender.word;
      const HookOutcome created = Receive(sender, PushWith(sender, sender.before, zeros));
      ASSERT_EQ(created.word, "queued") << sender.word;
      EXPECT_FALSE(created.parsed.ref_updates.at(0).before) << sender.word;
    }
  }
}

TEST(EveryPayload, NamesObjectsAsGitDoes) {
  for (const TestSender& sender : TestSenders()) {
    for (const std::string& id : {std::string(39, 'a'),
                                  std::string(41, 'a'),
                                  std::string("HEAD"),
                                  std::string("--upload-pack=x"),
                                  std::string(40, 'A'),
                                  std::string(40, 'g'),
                                  std::string()}) {
      ExpectRows(sender,
                 {{"84 after " + id, PushWith(sender, sender.after, id), 422, "unusable"},
                  {"84 before " + id, PushWith(sender, sender.before, id), 422, "unusable"}});
    }
  }
}

TEST(EveryPayload, NamesRefsThatGitAccepts) {
  for (const TestSender& sender : TestSenders()) {
    const std::string start = sender.ref_is_full ? "refs/heads/" : "";
    for (const std::string& ref : {start + "../../x",
                                   std::string("-x"),
                                   start + "-x",
                                   std::string("--upload-pack=x"),
                                   start + "a..b",
                                   start + "a@{1}",
                                   start + "a.lock",
                                   start + "a b",
                                   start + "a\\b",
                                   start + "a~1",
                                   std::string("a b"),
                                   start,
                                   std::string("refs/"),
                                   start + "\x1b[31m",
                                   start + "\xe2\x80\xae"
                                           "x",
                                   start + "a\r\nb",
                                   start + std::string("a\0b", 3)}) {
      ExpectRows(sender, {{"74, 85 " + ref, PushWith(sender, sender.ref, ref), 422, "unusable"}});
    }
    std::string surrogate = PushWith(sender, sender.ref, start + "SURROGATE").body;
    surrogate.replace(surrogate.find("SURROGATE"), 9, "\\ud800");
    ExpectRows(sender, {{"74 lone surrogate", Proven(sender, surrogate), 422, "unusable"}});
    if (sender.ref_is_full) {
      for (const char* ref : {"refs/pull/1/merge", "refs/notes/x", "main"}) {
        ExpectRows(sender,
                   {{std::string("86 ") + ref, PushWith(sender, sender.ref, ref), 202, "ignored"}});
      }
      const HookOutcome tag = Receive(sender, PushWith(sender, sender.ref, "refs/tags/main"));
      EXPECT_EQ(tag.parsed.ref_updates.at(0).ref, "refs/tags/main") << "87 " << sender.word;
    }
  }
}

TEST(EveryPayload, IsAboutTheConfiguredRepositoryOrIgnored) {
  for (const TestSender& sender : TestSenders()) {
    for (const char* url : {"https://evil.example/acme/churn.git",
                            "https://github.com@evil.example/acme/churn.git",
                            "https://g\xC4\xB1thub.com/acme/churn.git",
                            "https://git\thub.com/acme/churn.git",
                            "https://git\nhub.com/acme/churn.git",
                            "https://github.com/.*",
                            "https://github.com/(a+)+$",
                            "http://169.254.169.254/",
                            "nonsense"}) {
      ExpectRows(sender,
                 {{std::string("89-93 ") + url,
                   PushWith(sender, sender.repository_url, url),
                   202,
                   "ignored"}});
    }
    std::string dotted = sender.url;
    dotted.insert(dotted.find('/', std::string("https://").size()), ".");
    ExpectRows(sender,
               {{"91 dot", PushWith(sender, sender.repository_url, dotted), 202, "queued"}});
  }
}

TEST(EveryPayload, NamesTheRepositoryWithoutLeavingAFolder) {
  for (const TestSender& sender : TestSenders()) {
    if (sender.name.empty()) {
      continue;
    }
    for (const std::string& name :
         {std::string("../../etc"), std::string("a/b/../c"), std::string("a\0b", 3)}) {
      ExpectRows(sender, {{"88 " + name, PushWith(sender, sender.name, name), 422, "unusable"}});
    }
  }
}

TEST(EveryPayload, IsUnusableWhenNothingSaysWhichRepositoryItIsAbout) {
  for (const TestSender& sender : TestSenders()) {
    // GitLab's older object would stand in for the newer one.
    if (!sender.repository.empty() && sender.repository != "/project") {
      ExpectRows(
          sender,
          {{"77 empty", PushWith(sender, sender.repository, json::object()), 422, "unusable"},
           {"77 null", PushWith(sender, sender.repository, nullptr), 422, "unusable"}});
    }
  }
}

}  // namespace
}  // namespace failgate
