#include "controller/promotion/assessment_memory.h"

#include <algorithm>
#include <utility>

#include "controller/base/digest.h"

namespace failgate {
namespace {

void Add(std::string& inputs, const std::string& input) {
  inputs += input;
  inputs += '\n';
}

/// The desired file of a pair, and what its exceptions lean on.
void AddDesired(std::string& inputs,
                const Situation& situation,
                const LogView& log,
                const EnvironmentProject& pair) {
  const Desired* desired = situation.DesiredOf(pair);
  Add(inputs, desired == nullptr ? "" : desired->blob.text());
  if (desired == nullptr) {
    return;
  }
  for (const Exception& exception : desired->except) {
    const auto parts = SplitReleaseName(exception.release.text());
    if (parts && parts->first != pair.second) {
      Add(inputs, log.BlobOf(parts->first).text());
    }
  }
}

}  // namespace

std::string InputsOf(const Situation& situation,
                     const LogView& log,
                     const EnvironmentProject& pair) {
  std::string inputs;
  const auto deployment = situation.view.deployments.find(pair);
  const auto environment = situation.view.environments.find(pair.first);
  const Problems problems = situation.ProblemsFor(pair);
  if (!problems.empty()) {
    Add(inputs, Describe(problems));
  }
  Add(inputs, environment->second.file.blob.text());
  Add(inputs, deployment->second.blob.text());
  AddDesired(inputs, situation, log, pair);
  const bool held = log.Environment(pair.first, pair.second).hold.has_value();
  if (situation.DesiredOf(pair) != nullptr || held) {
    Add(inputs, situation.main.text());  // who wished it is told by the history of main
  }
  for (const ApprovalFile* approval : ApprovalsOf(situation.view, pair)) {
    Add(inputs, approval->path + approval->blob.text() + approval->signature.text());
  }
  Add(inputs, situation.view.people.blob.text());
  Add(inputs, log.BlobOf(pair.first, pair.second).text());
  // Each release of the project changes its state; records themselves never change.
  Add(inputs, log.BlobOf(pair.second).text());
  if (const auto& after = environment->second.floor.after) {
    const EnvironmentProject before{*after, pair.second};
    Add(inputs, situation.view.deployments.count(before) > 0 ? "deployed" : "absent");
    AddDesired(inputs, situation, log, before);
    Add(inputs, log.BlobOf(before.first, before.second).text());
  }
  return inputs;
}

void AssessmentMemory::AssessOne(const Round& round, const EnvironmentProject& pair) {
  unsettled_.insert(pair);
  AssessedPair assessed;
  try {
    assessed = Assess(round.situation, pair, round.wishes);
  } catch (const Error& error) {
    // Something of this pair cannot be read: it stands still, the others go on.
    assessed = AssessedPair{};
    assessed.assessment.state = PairState::kInvalid;
    assessed.assessment.text = error.what();
    assessed.lasts = false;
  }
  if (assessed.lasts) {
    restless_.erase(pair);
  } else {
    restless_.insert(pair);
  }
  pairs_[pair].assessment = std::make_shared<const Assessment>(assessed.assessment);
  round.act(pair, assessed);
}

void AssessmentMemory::AssessAll(const Round& round, bool states_known) {
  ForgetWhatIsGone(round.situation.view);
  for (const EnvironmentName& environment : round.situation.view.ladder.order) {
    const auto& deployments = round.situation.view.deployments;
    for (auto deployment = deployments.lower_bound({environment, ProjectName()});
         deployment != deployments.end() && deployment->first.first == environment;
         ++deployment) {
      const EnvironmentProject& pair = deployment->first;
      std::string inputs =
          states_known ? Sha256Raw(InputsOf(round.situation, round.log, pair)) : std::string();
      const auto known = pairs_.find(pair);
      const bool same = states_known && known != pairs_.end() && known->second.inputs == inputs;
      if (same && restless_.count(pair) == 0 && unsettled_.count(pair) == 0) {
        continue;
      }
      AssessOne(round, pair);
      pairs_[pair].inputs = std::move(inputs);
    }
  }
}

void AssessmentMemory::ForgetWhatIsGone(const OperationsView& view) {
  const auto& rungs = view.ladder.order;
  for (auto known = pairs_.begin(); known != pairs_.end();) {
    const EnvironmentProject& pair = known->first;
    if (view.deployments.count(pair) > 0 &&
        std::find(rungs.begin(), rungs.end(), pair.first) != rungs.end()) {
      ++known;
      continue;
    }
    restless_.erase(pair);
    unsettled_.erase(pair);
    known = pairs_.erase(known);
  }
}

void AssessmentMemory::Update(const Situation& situation,
                              const std::optional<CommitId>& log_head,
                              const LogView& log,
                              WishFinder& wishes,
                              const Act& act) {
  const Round round{situation, log, wishes, act};
  const bool states_known = log.head == log_head;
  if (!states_known || situation.main != main_ || situation.policy != policy_ ||
      log_head != log_head_) {
    main_ = CommitId();  // an exception on the way leaves nothing that counts as known
    AssessAll(round, states_known);
    main_ = situation.main;
    policy_ = situation.policy;
    log_head_ = log_head;
    return;
  }
  std::set<EnvironmentProject> again = restless_;
  again.insert(unsettled_.begin(), unsettled_.end());
  for (const EnvironmentName& environment : situation.view.ladder.order) {
    for (const EnvironmentProject& pair : again) {
      if (pair.first == environment) {
        AssessOne(round, pair);
      }
    }
  }
}

std::map<EnvironmentProject, std::shared_ptr<const Assessment>> AssessmentMemory::Assessments()
    const {
  std::map<EnvironmentProject, std::shared_ptr<const Assessment>> all;
  for (const auto& [pair, known] : pairs_) {
    all.emplace_hint(all.end(), pair, known.assessment);
  }
  return all;
}

}  // namespace failgate
