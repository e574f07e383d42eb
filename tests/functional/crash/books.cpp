#include "tests/functional/crash/books.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "controller/base/digest.h"
#include "controller/base/error.h"
#include "controller/base/text.h"

namespace failgate {
namespace {

using Json = Installation::Json;
namespace fs = std::filesystem;

constexpr const char* kEnvironments[] = {"dev", "recette", "prod"};

void Append(Faults& faults, Faults more) {
  faults.insert(faults.end(), more.begin(), more.end());
}

/// All that makes a fact the one it is. A drift may come back, each with its repair.
std::string Identity(const LoggedFact& fact) {
  const std::string word = fact["Fact"];
  if (word == "drifted" || word == "healed" || word == "started") return "";
  std::string identity = word;
  for (const char* key : {"Project",
                          "Environment",
                          "Release",
                          "Decision",
                          "Run",
                          "Attempt",
                          "Request",
                          "Wanted",
                          "Change",
                          "Token",
                          "Commit",
                          "Instance"}) {
    identity += fmt::format(" {}={}", key, fact[key]);
  }
  // One run, one fact; and one end of an attempt, whatever else it says.
  if (word == "released" || word == "superseded") identity = word + " Run=" + fact["Run"];
  if (word == "promoted" || word == "deployed") {
    identity = fmt::format("{} {} Attempt={}", word, fact.About(), fact["Attempt"]);
  }
  return identity;
}

Json AllRuns(const Installation& world, const std::string& project) {
  Json all = Json::array();
  std::string before;
  while (true) {
    const Json page = world.Get(fmt::format("/api/v1/runs?project={}&limit=200{}",
                                            project,
                                            before.empty() ? std::string() : "&before=" + before));
    if (!page.is_array() || page.empty()) return all;
    for (const Json& run : page) all.push_back(run);
    before = page.back()["id"].get<std::string>();
  }
}

/// What the small project's step "package" makes.
std::string PayloadOf(const std::string& project, const std::string& revision) {
  constexpr std::size_t kBytes = 65536;
  const std::string line = fmt::format("{} {}\n", project, revision);
  std::string payload;
  while (payload.size() < kBytes) payload += line;
  payload.resize(kBytes);
  return payload;
}

Faults FaultsOfLink(const Installation& world,
                    const std::string& environment,
                    const std::string& project,
                    const std::string& running,
                    const std::string& revision) {
  const fs::path link = world.live(environment, project);
  const std::string name = fs::read_symlink(link).filename().string();
  if (name.rfind(running + "-", 0) != 0) {
    return {fmt::format("{} runs {}, the link says {}", environment, running, name)};
  }
  const std::string payload = ReadFile(link / "app/payload");
  if (payload != PayloadOf(project, revision)) {
    return {
        fmt::format("{} of {} holds other bytes than revision {}", name, environment, revision)};
  }
  if (ReadFile(link / "app/sum").substr(0, 64) != Sha256Hex(payload)) {
    return {fmt::format("{} of {} does not match its sum", name, environment)};
  }
  return {};
}

}  // namespace

std::string LoggedFact::operator[](const std::string& key) const {
  const auto found = trailers.find(key);
  return found == trailers.end() ? std::string() : found->second;
}

std::string LoggedFact::About() const {
  const std::string environment = (*this)["Environment"];
  return environment.empty() ? (*this)["Project"] : environment + "/" + (*this)["Project"];
}

std::vector<LoggedFact> ReadLog(const Installation& world) {
  const std::string text =
      world.Git(world.origin("operations"),
                {"log", "--reverse", "--format=%x1e%H%n%(trailers:only,unfold)", "deploy-log"});
  std::vector<LoggedFact> log;
  for (const std::string& entry : Split(text, '\x1e')) {
    const std::vector<std::string> lines = Split(std::string(Trim(entry)), '\n');
    if (lines.empty() || lines.front().empty()) continue;
    LoggedFact fact{CommitId(lines.front()), {}};
    for (const std::string& line : lines) {
      const std::size_t colon = line.find(": ");
      if (colon != std::string::npos) {
        fact.trailers.emplace(line.substr(0, colon), line.substr(colon + 2));
      }
    }
    log.push_back(std::move(fact));
  }
  return log;
}

std::vector<LoggedRelease> ReadReleases(const Installation& world, const std::string& project) {
  const auto origin = world.origin("operations");
  const std::string folder = fmt::format("releases/{}/", project);
  const std::string files =
      world.Git(origin, {"ls-tree", "-r", "--name-only", "deploy-log", folder});
  std::vector<LoggedRelease> releases;
  for (const std::string& file : Split(files, '\n')) {
    if (file.empty()) continue;
    const Json record = Json::parse(world.Git(origin, {"show", "deploy-log:" + file}));
    releases.push_back({record["name"].get<std::string>(),
                        record["number"].get<long>(),
                        record["revision"].get<std::string>(),
                        record["run"].get<std::string>()});
  }
  return releases;
}

Faults FaultsOfLog(const std::vector<LoggedFact>& log) {
  Faults faults;
  std::set<std::string> identities;
  std::set<std::string> promoted;
  std::map<std::string, bool> drifted;
  for (std::size_t at = 0; at < log.size(); ++at) {
    const LoggedFact& fact = log[at];
    const std::string word = fact["Fact"];
    const std::string shown = fmt::format("{} {} {}", fact.commit.text(), word, fact.About());
    if (fact["Sequence"] != std::to_string(at + 1)) {
      faults.push_back(fmt::format("{}: fact {} has Sequence {}", shown, at + 1, fact["Sequence"]));
    }
    const std::string identity = Identity(fact);
    if (!identity.empty() && !identities.insert(identity).second) {
      faults.push_back(fmt::format("{} stands twice: {}", shown, identity));
    }
    const std::string attempt = fact.About() + " " + fact["Attempt"];
    if (word == "promoted") promoted.insert(attempt);
    if (word == "deployed" && promoted.count(attempt) == 0) {
      faults.push_back(fmt::format("{} attempt {} was never promoted", shown, fact["Attempt"]));
    }
    bool& is_drifted = drifted[fact.About()];
    if (word == "drifted" && is_drifted) faults.push_back(shown + " was told already");
    if (word == "drifted") is_drifted = true;
    if (word == "healed" || word == "deployed" || word == "rolled-back" || word == "promoted" ||
        word == "failed") {
      is_drifted = false;
    }
  }
  return faults;
}

Faults FailuresBut(const std::vector<LoggedFact>& log, const std::string& tampered) {
  Faults faults;
  for (const LoggedFact& fact : log) {
    if (fact["Fact"] == "failed" && fact["Environment"] != tampered) {
      faults.push_back(
          fmt::format("{} failed {}: {}", fact.commit.text(), fact.About(), fact["Cause"]));
    }
  }
  return faults;
}

Faults FaultsOfReleases(const std::vector<LoggedFact>& log,
                        const std::vector<LoggedRelease>& releases,
                        const PushedStream& stream) {
  Faults faults;
  std::set<long> numbers;
  std::set<std::string> runs;
  std::map<std::string, int> revisions;
  for (const LoggedRelease& release : releases) {
    if (!numbers.insert(release.number).second) {
      faults.push_back(fmt::format("{}: its number stands twice", release.name));
    }
    if (!runs.insert(release.run).second) {
      faults.push_back(fmt::format("{}: its run has two releases", release.name));
    }
    ++revisions[release.revision];
  }
  for (std::size_t number = 1; number <= releases.size(); ++number) {
    if (numbers.count(static_cast<long>(number)) == 0) {
      faults.push_back(fmt::format("{} {} is missing", stream.project, number));
    }
  }
  std::map<std::string, int> superseded;
  for (const LoggedFact& fact : log) {
    if (fact["Fact"] != "superseded" || fact["Project"] != stream.project) continue;
    const std::string source = fact["Source"];
    ++superseded[source.substr(source.rfind('@') + 1)];
  }
  for (const CommitId& head : stream.heads) {
    const int released = revisions[head.text()];
    if (released + superseded[head.text()] > 1) {
      faults.push_back(fmt::format("{} {} was released {} times and superseded {} times",
                                   stream.project,
                                   head.text(),
                                   released,
                                   superseded[head.text()]));
    }
  }
  if (!stream.heads.empty() && revisions[stream.heads.back().text()] != 1) {
    faults.push_back(fmt::format(
        "{}: the last head {} has no release", stream.project, stream.heads.back().text()));
  }
  return faults;
}

Faults FaultsOfRuns(const Installation& world,
                    const std::vector<LoggedFact>& log,
                    const std::vector<LoggedRelease>& releases,
                    const PushedStream& stream,
                    const Losses& losses) {
  Faults faults;
  std::set<std::string> superseded;
  for (const LoggedFact& fact : log) {
    if (fact["Fact"] == "superseded") superseded.insert(fact["Run"]);
  }
  std::map<std::string, std::string> released;
  for (const LoggedRelease& release : releases) released[release.revision] = release.name;
  std::set<std::string> seen;
  for (const Json& run : AllRuns(world, stream.project)) {
    const std::string state = run["state"].get<std::string>();
    const std::string id = run["id"].get<std::string>();
    seen.insert(run["revision"].get<std::string>());
    if (state == "superseded") {
      if (superseded.count(id) == 0) faults.push_back("no fact of superseded run " + id);
    } else if (state == "succeeded") {
      if (run["release"] != released[run["revision"].get<std::string>()]) {
        faults.push_back("succeeded without its release: " + run.dump());
      }
    } else if (state != "failed" || !losses.full_disk) {
      faults.push_back("a run did not end as it should: " + run.dump());
    }
  }
  if (!stream.heads.empty() && seen.count(stream.heads.back().text()) == 0) {
    faults.push_back("no run of the last head of " + stream.project);
  }
  return faults;
}

Faults FaultsOfDeliveries(const Installation& world, const std::vector<PushedStream>& streams) {
  Faults faults;
  std::map<std::string, int> seen;
  for (const Json& delivery : world.Deliveries()) {
    ++seen[delivery["id"].get<std::string>()];
    if (delivery["outcome"].is_null()) faults.push_back("no outcome: " + delivery.dump());
  }
  for (const PushedStream& stream : streams) {
    for (const std::string& id : stream.accepted) {
      if (seen[id] != 1) {
        faults.push_back(
            fmt::format("delivery {} of {} is there {} times", id, stream.project, seen[id]));
      }
    }
  }
  return faults;
}

Faults LostFrom(const Installation& world,
                const std::vector<std::string>& branches,
                const std::vector<CommitId>& commits) {
  std::vector<std::string> arguments = {"rev-list"};
  for (const std::string& branch : branches) arguments.push_back("refs/heads/" + branch);
  const auto all = Split(world.Git(world.origin("operations"), arguments), '\n');
  const std::set<std::string> kept(all.begin(), all.end());
  Faults faults;
  for (const CommitId& commit : commits) {
    if (kept.count(commit.text()) == 0) {
      faults.push_back(fmt::format("{} lost {}", Join(branches, " and "), commit.text()));
    }
  }
  return faults;
}

Faults FaultsOfMain(const Installation& world) {
  const std::string requests =
      world.Git(world.origin("operations"),
                {"log", "--format=%(trailers:key=Request,valueonly,separator=)", "main"});
  Faults faults;
  std::set<std::string> seen;
  for (const std::string& request : Split(requests, '\n')) {
    if (!request.empty() && !seen.insert(request).second) {
      faults.push_back("main has two commits of request " + request);
    }
  }
  return faults;
}

Faults FaultsOfFolders(const Installation& world, const std::string& project) {
  Faults faults;
  for (const char* environment : kEnvironments) {
    const std::string path = fmt::format("deploy-log:{}/{}.json", environment, project);
    const CommandResult shown =
        world.Run({"git", "-C", world.origin("operations").string(), "show", path}, world.folder());
    if (shown.exit_code != 0) continue;  // nothing was ever decided there
    const Json state = Json::parse(shown.out);
    const std::string running = state["running"].is_string() ? state["running"] : Json("");
    if (running.empty()) continue;
    const Json record = Json::parse(
        world.Git(world.origin("operations"),
                  {"show", fmt::format("deploy-log:releases/{}/{}.json", project, running)}));
    try {
      Append(faults, FaultsOfLink(world, environment, project, running, record["revision"]));
    } catch (const std::exception& error) {
      faults.push_back(fmt::format("{} of {}: {}", project, environment, error.what()));
    }
  }
  const fs::path versions = world.folder() / "live/.failgate" / project;
  if (!fs::exists(versions)) return faults;  // nothing was deployed yet
  for (const auto& entry : fs::recursive_directory_iterator(versions)) {
    if (entry.path().filename().string().rfind(".making-", 0) == 0) {
      faults.push_back("half made: " + entry.path().string());
    }
  }
  return faults;
}

Faults FaultsOfAudit(const Installation& world) {
  const CommandResult audit =
      world.Cli({"audit", "verify", "--repo", world.CloneOperations("audited").string()}, "");
  if (audit.exit_code == 0) return {};
  return {"audit verify: " + audit.out + audit.err};
}

}  // namespace failgate
