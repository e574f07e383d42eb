#include "controller/promotion/ladder_report.h"

#include <algorithm>
#include <map>
#include <set>

#include "controller/deploylog/log_tree.h"
#include "controller/promotion/candidates.h"
#include "controller/promotion/wanted.h"

namespace failgate {
namespace {

std::string WantedText(const PromotionSnapshot& snapshot, const EnvironmentProject& pair) {
  const auto environment = snapshot.view->environments.find(pair.first);
  if (environment == snapshot.view->environments.end()) {
    return {};
  }
  const auto desired = snapshot.view->desired.find(pair);
  const WantedRelease wanted =
      Wanted(environment->second.floor.last_step,
             desired == snapshot.view->desired.end() ? nullptr : &desired->second);
  switch (wanted.kind) {
    case WantedRelease::Kind::kNothing:
      return {};
    case WantedRelease::Kind::kNone:
      return "none";
    case WantedRelease::Kind::kNewest:
      return "newest";
    case WantedRelease::Kind::kNamed:
      return wanted.release.text();
  }
  return {};
}

StatusRow RowOf(const PromotionSnapshot& snapshot, const EnvironmentProject& pair) {
  const EnvironmentState& state = snapshot.log->Environment(pair.first, pair.second);
  StatusRow row;
  row.environment = pair.first;
  row.project = pair.second;
  row.wanted = WantedText(snapshot, pair);
  row.decided = state.decided.release;
  row.running = state.running;
  row.health = HealthWord(state.health);
  row.drift = DriftWord(state.drift);
  row.since = state.since;
  const auto assessment = snapshot.pairs.find(pair);
  if (assessment != snapshot.pairs.end()) {
    row.state = Word(assessment->second->state);
    row.text = assessment->second->text;
  } else {
    row.state = state.running.empty() ? "nothing" : "running";
    row.text = "main does not deploy it here any more; what runs is left alone";
  }
  return row;
}

/// Pairs the log knows in environments that are no rungs now.
std::map<ProjectName, std::vector<EnvironmentProject>> StatesOffTheLadder(
    const PromotionSnapshot& snapshot) {
  const auto& order = snapshot.view->ladder.order;
  const std::set<EnvironmentName> rungs(order.begin(), order.end());
  std::map<ProjectName, std::vector<EnvironmentProject>> pairs;
  for (const auto& state : snapshot.log->environments) {
    if (rungs.count(state.first.first) == 0) {
      pairs[state.first.second].push_back(state.first);
    }
  }
  return pairs;
}

/// What main says and what is in force differ until an owner signs.
void TellOfPolicy(const PromotionSnapshot& snapshot, WhyAnswer& answer) {
  if (snapshot.policy_trouble.empty()) {
    return;
  }
  if (snapshot.policy.empty()) {
    answer.text = snapshot.policy_trouble;
    answer.next.clear();
  } else {
    answer.text += (answer.text.empty() ? "" : "; ") + snapshot.policy_trouble;
  }
  answer.next.emplace_back("failgate policy sign --key KEY");
}

}  // namespace

std::vector<ProjectName> ProjectsOf(const PromotionSnapshot& snapshot) {
  std::set<ProjectName> projects;
  for (const auto& deployment : snapshot.view->deployments) {
    projects.insert(deployment.first.second);
  }
  for (const auto& project : snapshot.log->projects) {
    projects.insert(project.first);
  }
  return {projects.begin(), projects.end()};
}

std::vector<StatusRow> StatusOf(const PromotionSnapshot& snapshot, const ProjectName& project) {
  std::vector<StatusRow> rows;
  rows.reserve(project.empty() ? snapshot.pairs.size() : snapshot.view->ladder.order.size());
  const auto elsewhere = StatesOffTheLadder(snapshot);
  for (const ProjectName& each : ProjectsOf(snapshot)) {
    if (!project.empty() && each != project) {
      continue;
    }
    for (const EnvironmentName& environment : snapshot.view->ladder.order) {
      const EnvironmentProject pair{environment, each};
      if (snapshot.view->deployments.count(pair) + snapshot.log->environments.count(pair) > 0) {
        rows.push_back(RowOf(snapshot, pair));
      }
    }
    const auto others = elsewhere.find(each);
    if (others != elsewhere.end()) {
      for (const EnvironmentProject& pair : others->second) {
        rows.push_back(RowOf(snapshot, pair));
      }
    }
  }
  return rows;
}

std::optional<WhyAnswer> WhyOf(const PromotionSnapshot& snapshot, const EnvironmentProject& pair) {
  const auto found = snapshot.pairs.find(pair);
  if (found == snapshot.pairs.end()) {
    return std::nullopt;
  }
  const Assessment& assessment = *found->second;
  WhyAnswer answer;
  answer.environment = pair.first;
  answer.project = pair.second;
  answer.release = assessment.release;
  answer.state = Word(assessment.state);
  answer.text = assessment.text;
  answer.gates = assessment.gates;
  answer.next = assessment.next;
  answer.problems = assessment.problems;
  TellOfPolicy(snapshot, answer);
  return answer;
}

std::vector<ReleaseRow> ReleasesOf(const PromotionSnapshot& snapshot,
                                   const Repository& operations,
                                   const ProjectName& project,
                                   long before,
                                   std::size_t limit) {
  const LogTree tree(operations, snapshot.log_head);
  std::vector<ReleaseRow> rows;
  for (const ReleaseName& release : tree.Releases(project)) {
    if (rows.size() >= limit || (before > 0 && ReleaseNumber(release) >= before)) {
      continue;
    }
    auto record = ParseReleaseRecord(tree.Record(release).value_or(""));
    if (!record) {
      continue;
    }
    ReleaseRow row{std::move(*record), {}};
    for (const EnvironmentName& environment : snapshot.view->ladder.order) {
      if (snapshot.log->Environment(environment, project).running == release) {
        row.environments.push_back(environment);
      }
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace failgate
