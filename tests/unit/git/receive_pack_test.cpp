#include "controller/git/receive_pack.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace failgate {
namespace {

const std::string kOld(40, 'a');
const std::string kNew(40, 'b');
const std::string kOther(40, 'c');
const std::string kRef = "refs/heads/deploy-log";

std::string Packet(const std::string& content) {
  return fmt::format("{:04x}", content.size() + 4) + content;
}

/// With capabilities behind the first ref, as git writes them.
std::string Advertisement(const std::string& id) {
  return Packet(id + " " + kRef + std::string(1, '\0') + "report-status delete-refs\n") +
         Packet(kOther + " refs/heads/main\n") + "0000";
}

std::string Report(const std::string& unpack, const std::string& verdict) {
  return Packet("unpack " + unpack + "\n") + Packet(verdict + "\n") + "0000";
}

ReceivePackVerdict Judge(const std::string& answer, const std::string& complaint = "") {
  return JudgeReceivePack(answer, {kRef, CommitId(kOld), CommitId(kNew)}, complaint);
}

TEST(ReceivePack, AsksToCompareAndSetOneRef) {
  const std::string request = ReceivePackRequest({kRef, CommitId(kOld), CommitId(kNew)});
  const std::string command = kOld + " " + kNew + " " + kRef + std::string(1, '\0');
  EXPECT_EQ(request.substr(0, 4), fmt::format("{:04x}", request.size() - 4));
  EXPECT_EQ(request.substr(4, command.size()), command);
  EXPECT_NE(request.find("report-status"), std::string::npos);
  EXPECT_EQ(request.substr(request.size() - 4), "0000");
  EXPECT_EQ(ReceivePackRequest({kRef, std::nullopt, CommitId(kNew)}).substr(4, 40),
            std::string(40, '0'));
}

TEST(ReceivePack, ReadsThatTheRefWasTaken) {
  const auto verdict = Judge(Advertisement(kOld) + Report("ok", "ok " + kRef), "chatter");
  ASSERT_TRUE(verdict.result);
  EXPECT_EQ(verdict.result->outcome, PushOutcome::kPushed);
  EXPECT_EQ(verdict.result->text, "");
}

TEST(ReceivePack, ReadsTheWordsOfAHook) {
  const auto verdict =
      Judge(Advertisement(kOld) + Report("ok", "ng " + kRef + " pre-receive hook declined"),
            "only on Tuesdays");
  ASSERT_TRUE(verdict.result);
  EXPECT_EQ(verdict.result->outcome, PushOutcome::kRefused);
  EXPECT_EQ(verdict.result->text,
            "[remote rejected] (pre-receive hook declined): only on Tuesdays");
  EXPECT_FALSE(verdict.pack_refused);
}

TEST(ReceivePack, LosesTheRaceWhereverItIsSeen) {
  for (const std::string& answer :
       {Advertisement(kOther) + Report("index-pack failed", "ng " + kRef + " unpacker error"),
        Advertisement(kOther) + Report("ok", "ng " + kRef + " pre-receive hook declined"),
        Advertisement(kOther),
        Advertisement(kOld) + Report("ok", "ng " + kRef + " failed to update ref"),
        Packet(std::string(40, '0') + " capabilities^{}" + std::string(1, '\0') + "x\n") + "0000" +
            Report("ok", "ng " + kRef + " failed to update ref")}) {
    const auto verdict = Judge(answer);
    ASSERT_TRUE(verdict.result) << answer;
    EXPECT_EQ(verdict.result->outcome, PushOutcome::kLostRace) << answer;
    EXPECT_FALSE(verdict.pack_refused);
  }
}

TEST(ReceivePack, IsDoneWhenTheRefIsThereAlready) {
  const auto verdict =
      Judge(Advertisement(kNew) + Report("ok", "ng " + kRef + " failed to update ref"));
  ASSERT_TRUE(verdict.result);
  EXPECT_EQ(verdict.result->outcome, PushOutcome::kPushed);
}

TEST(ReceivePack, TellsThatThePackMayBeToBlame) {
  for (const std::string reason : {"unpacker error", "missing necessary objects"}) {
    const std::string unpack = reason == "unpacker error" ? "index-pack abnormal exit" : "ok";
    EXPECT_TRUE(
        Judge(Advertisement(kOld) + Report(unpack, "ng " + kRef + " " + reason)).pack_refused);
  }
}

TEST(ReceivePack, HasNoVerdictOfWhatIsNoAnswer) {
  const std::string whole = Advertisement(kOld) + Report("ok", "ok " + kRef);
  // Cut off anywhere.
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(Judge(whole.substr(0, size)).result) << size;
  }
  for (const std::string& answer : {std::string("zzzz"),
                                    std::string("0001"),
                                    std::string("0003abc"),
                                    std::string("ffff") + std::string(65531, 'x'),
                                    std::string("-004"),
                                    std::string("0000"),
                                    Packet("ERR access denied") + "0000",
                                    Packet("version 1") + whole,
                                    Packet(std::string(64, 'a') + " " + kRef) + "0000",
                                    Advertisement(kOld) + "garbage" + Report("ok", "ok " + kRef),
                                    Advertisement(kOld) + Report("ok", "ok refs/heads/other"),
                                    Advertisement(kOld) + Packet("ok " + kRef + "\n") + "0000"}) {
    EXPECT_FALSE(Judge(answer).result) << answer.substr(0, 80);
  }
}

}  // namespace
}  // namespace failgate
