// The libraries that senders sign with, against the built program: what they send is understood.
// Node and its packages lie where scripts/test puts them.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <sstream>

#include "controller/base/error.h"
#include "tests/functional/serve/installation.h"

namespace failgate {
namespace {

using Json = nlohmann::json;

constexpr const char* kSymmetricSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

class RealClients : public ::testing::Test {
 protected:
  RealClients() : world_({{"churn", "github", "1h", "", ""}, {"plain", "standard", "1h", "", ""}}) {
    WriteFileDurably(world_.folder() / "server/plain-secret", kSymmetricSecret, 0600);
    world_.WriteServerFile();
    world_.Start();
  }

  /// One object an answer.
  std::vector<Json> Send(const std::string& kind,
                         const std::string& source,
                         const std::string& secret,
                         const std::string& last) {
    const CommandResult result = world_.Run({"node",
                                             FAILGATE_SEND_SCRIPT,
                                             kind,
                                             FAILGATE_NODE_MODULES,
                                             world_.url() + "/hooks/" + source,
                                             secret,
                                             last},
                                            world_.folder());
    Check(result.exit_code == 0, "node sends what it is told: " + result.err);
    std::vector<Json> answers;
    std::istringstream lines(result.out);
    for (std::string line; std::getline(lines, line);) answers.push_back(Json::parse(line));
    return answers;
  }

  static std::string WordOf(const Json& answer) {
    return Json::parse(answer.at("body").get<std::string>()).at("status");
  }

  Installation world_;
};

TEST_F(RealClients,
       given_each_payload_github_documents_when_octokit_signs_it_then_it_is_understood) {
  const std::vector<Json> answers =
      Send("octokit", "churn", "churn-hook-secret-1", world_.origin("churn").string());
  ASSERT_EQ(answers.size(), 330U) << "329 samples and one about our repository";
  for (std::size_t i = 0; i + 1 < answers.size(); ++i) {
    const Json& answer = answers[i];
    const bool ping = answer.at("name") == "ping";
    EXPECT_EQ(answer.at("status"), ping ? 200 : 202) << answer;
    EXPECT_EQ(WordOf(answer), ping ? "pong" : "ignored") << answer;
  }
  EXPECT_EQ(answers.back().at("status"), 202);
  EXPECT_EQ(WordOf(answers.back()), "queued");
}

TEST_F(RealClients, given_a_standard_webhook_when_its_library_signs_it_then_only_that_is_taken) {
  const Json body = {{"type", "push"},
                     {"timestamp", "2026-11-25T09:00:00Z"},
                     {"data", {{"ref", "refs/heads/main"}}}};
  const std::vector<Json> answers = Send("standard", "plain", kSymmetricSecret, body.dump());
  ASSERT_EQ(answers.size(), 4U);
  EXPECT_EQ(answers[0].at("status"), 202);
  EXPECT_EQ(WordOf(answers[0]), "queued");
  EXPECT_EQ(answers[1].at("status"), 202);
  EXPECT_EQ(WordOf(answers[1]), "duplicate");
  EXPECT_EQ(answers[2].at("status"), 401) << "altered";
  EXPECT_EQ(answers[3].at("status"), 401) << "ten minutes old";
}

}  // namespace
}  // namespace failgate
