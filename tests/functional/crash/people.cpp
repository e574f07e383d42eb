#include "tests/functional/crash/people.h"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>

#include "controller/base/error.h"
#include "controller/base/text.h"

namespace failgate {
namespace {

using Json = Installation::Json;
namespace fs = std::filesystem;

constexpr const char* kPushers[] = {"dana", "erik", "vera"};

/// A desired file that names `release`, whatever else it says.
std::string Naming(const std::string& text, const std::string& release) {
  std::string named = "release: " + release + "\n";
  for (const std::string& line : Split(text, '\n')) {
    if (!line.empty() && line.rfind("release:", 0) != 0) named += line + "\n";
  }
  return named;
}

}  // namespace

void Chance::Pause(int least, int most) {
  ::poll(nullptr, 0, Between(least, most));
}

People::People(CrashWorld& world, unsigned long seed) : world_(world), seed_(seed) {
  for (const std::string& project : world.projects()) {
    streams_.Lock()->push_back({project, {}, {}});
  }
  world.at().Git(world.at().folder(),
                 {"clone", "-q", world.at().origin("operations").string(), "by-hand"});
}

People::~People() {
  End();
}

void People::Begin() {
  for (const std::string& project : world_.projects()) {
    const unsigned long own = seed_ + threads_.size() + 1;
    threads_.emplace_back([this, project, own](const std::stop_token& stop) {
      Chance chance(own);
      while (!stop.stop_requested()) {
        Push(project, chance);
        chance.Pause(200, 2000);
      }
    });
  }
  Employ(&People::Ask, 50, 400);
  Employ(&People::Ask, 50, 400);
  Employ(&People::EditMain, 300, 3000);
  Employ(&People::Tamper, 500, 2500);
}

void People::Employ(void (People::*work)(Chance&), int least_pause, int most_pause) {
  const unsigned long own = seed_ + threads_.size() + 1;
  threads_.emplace_back([this, work, own, least_pause, most_pause](const std::stop_token& stop) {
    Chance chance(own);
    while (!stop.stop_requested()) {
      (this->*work)(chance);
      chance.Pause(least_pause, most_pause);
    }
  });
}

void People::End() {
  for (std::jthread& thread : threads_) thread.request_stop();
  threads_.clear();
}

void People::ForgetDeliveries() {
  ++journals_;
  auto streams = streams_.Lock();
  for (PushedStream& stream : *streams) stream.accepted.clear();
}

CommitId People::PushOnce(const std::string& project) {
  const auto at = static_cast<std::size_t>(
      std::find(world_.projects().begin(), world_.projects().end(), project) -
      world_.projects().begin());
  const std::string text = fmt::format("text {}", ++pushes_);
  const CommitId head =
      world_.at().Push(project, FilesOf({project, text}), kPushers[at % std::size(kPushers)]);
  streams_.Lock()->at(at).heads.push_back(head);
  const int journals = journals_;
  const auto answer = world_.at().SendWebhook(project, head);
  if (answer && answer->status == 202) {
    auto streams = streams_.Lock();
    if (journals == journals_) {
      streams->at(at).accepted.push_back(Json::parse(answer->body)["delivery"]);
    }
  }
  return head;
}

void People::Push(const std::string& project, Chance& chance) {
  static_cast<void>(chance);
  try {
    static_cast<void>(PushOnce(project));
  } catch (const Error&) {
    // The repository is away: the commit goes with the next push.
    return;
  }
}

/// The server may be dead, the gate may say no; a yes must have been true.
void People::Demand(const std::string& project,
                    const std::string& environment,
                    const std::string& verb,
                    const Json& body,
                    const std::string& person) {
  ClientRequest request;
  request.method = "POST";
  request.url = fmt::format(
      "{}/api/v1/projects/{}/environments/{}/{}", world_.at().url(), project, environment, verb);
  request.headers = {{"Authorization", "Bearer " + world_.at().token(person)},
                     {"Content-Type", "application/json"}};
  request.body = body.dump();
  request.timeout = std::chrono::seconds(10);
  try {
    const ClientResponse response = Fetch(request);
    const Json answer = Json::parse(response.body, nullptr, false);
    if (response.status / 100 == 2 && answer.is_object() && answer.contains("commit")) {
      answered_.Lock()->emplace_back(answer["commit"].get<std::string>());
    }
  } catch (const Error&) {
    // Nobody answered, so nothing was promised.
    return;
  }
}

void People::Ask(Chance& chance) {
  const std::string& project = chance.OneOf(world_.projects());
  const int choice = chance.Between(1, 100);
  if (choice > 85) {
    const std::string environment = chance.Percent(50) ? "prod" : kTampered;
    return Demand(project, environment, "rollback", {{"reason", "it looked wrong"}}, "carol");
  }
  const Json row = world_.at().Status(project, kTampered);
  if (!row.is_object() || !row["running"].is_string()) return;
  const Json release = {{"release", row["running"]}};
  if (choice > 75) {
    Demand(project, "prod", "reject", release, "carol");
    return Demand(project, "prod", "withdraw", release, "carol");
  }
  for (const auto& [person, verb] :
       {std::pair("dana", "promote"), {"alice", "approve"}, {"bob", "approve"}}) {
    Demand(project, "prod", verb, release, person);
  }
}

/// With stock git: wants another release, or takes back the last commit.
void People::EditMain(Chance& chance) {
  const fs::path clone = world_.at().folder() / "by-hand";
  const std::string& project = chance.OneOf(world_.projects());
  const std::string release = fmt::format("{}-{}", project, chance.Between(1, 30));
  const bool reverts = chance.Percent(30);
  const std::vector<std::string> alice = {
      "-c", "user.name=Alice Martin", "-c", "user.email=alice@example.com"};
  const auto git = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), alice.begin(), alice.end());
    return world_.at().Git(clone, arguments);
  };
  try {
    git({"fetch", "-q", "origin", "main"});
    git({"reset", "-q", "--hard", "FETCH_HEAD"});
    if (reverts) {
      // Of their own, and not the first, which holds the ladder: without a signature nobody may
      // take back what `rollback` wrote, and the environment stands still until it is made good.
      git({"rev-parse", "--verify", "HEAD~1"});
      if (git({"log", "-1", "--format=%ae"}) != "alice@example.com") return;
      git({"revert", "--no-edit", "HEAD"});
    } else {
      const fs::path file = clone / fmt::format("desired/prod/{}.yaml", project);
      CreateFolders(file.parent_path());
      WriteFileDurably(file, Naming(ReadFileIfPresent(file).value_or(""), release));
      git({"add", "-A"});
      git({"commit", "-q", "--allow-empty", "-m", "Want " + release});
    }
    git({"push", "-q", "origin", "HEAD:refs/heads/main"});
    on_main_.Lock()->emplace_back(git({"rev-parse", "HEAD"}));
  } catch (const Error&) {
    // Lost the race, or the remote is not in the mood: nobody was told that it is there.
    return;
  }
}

void People::Tamper(Chance& chance) {
  const std::string& project = chance.OneOf(world_.projects());
  std::error_code error;
  const fs::path payload = world_.at().live(kTampered, project) / "app/payload";
  fs::permissions(payload, fs::perms(0644), error);
  if (!error) fs::resize_file(payload, 7, error);
}

}  // namespace failgate
