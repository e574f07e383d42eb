#include "controller/promotion/assessment_memory.h"

#include <utility>

namespace failgate {
namespace {

void Add(std::string& inputs, const std::string& input) {
  inputs += input;
  inputs += '\n';
}

/// The desired file of a pair, and what its exceptions lean on.
void AddDesired(std::string& inputs,
                const Situation& situation,
                const LogViewReader& log,
                const EnvironmentProject& pair) {
  const Desired* desired = situation.DesiredOf(pair);
  Add(inputs, desired == nullptr ? "" : desired->blob.text());
  if (desired == nullptr) {
    return;
  }
  for (const Exception& exception : desired->except) {
    const auto parts = SplitReleaseName(exception.release.text());
    if (parts && parts->first != pair.second) {
      Add(inputs, log.BlobOf(ProjectPath(parts->first)).text());
    }
  }
}

}  // namespace

std::string InputsOf(const Situation& situation,
                     const LogViewReader& log,
                     const EnvironmentProject& pair) {
  std::string inputs;
  const auto deployment = situation.view.deployments.find(pair);
  const auto environment = situation.view.environments.find(pair.first);
  const Problems problems = situation.ProblemsFor(pair);
  if (!problems.empty()) {
    Add(inputs, Describe(problems));
  }
  Add(inputs, environment->second.file.blob.text());
  Add(inputs, deployment->second.file.blob.text());
  AddDesired(inputs, situation, log, pair);
  if (situation.DesiredOf(pair) != nullptr) {
    Add(inputs, situation.main.text());  // who wished it is told by the history of main
  }
  Add(inputs, log.BlobOf(EnvironmentPath(pair.first, pair.second)).text());
  // Each release of the project changes its state; records themselves never change.
  Add(inputs, log.BlobOf(ProjectPath(pair.second)).text());
  if (const auto& after = deployment->second.policy.after) {
    const EnvironmentProject before{*after, pair.second};
    Add(inputs, situation.view.deployments.count(before) > 0 ? "deployed" : "absent");
    AddDesired(inputs, situation, log, before);
    Add(inputs, log.BlobOf(EnvironmentPath(before.first, before.second)).text());
  }
  return inputs;
}

void AssessmentMemory::AssessOne(const Situation& situation,
                                 const EnvironmentProject& pair,
                                 WishFinder& wishes) {
  unsettled_.insert(pair);
  Assessment& assessment = pairs_[pair];
  try {
    assessment = Assess(situation, pair, wishes);
  } catch (const Error& error) {
    // Something of this pair cannot be read: it stands still, the others go on.
    assessment = Assessment{};
    assessment.state = PairState::kInvalid;
    assessment.text = error.what();
    assessment.lasts = false;
  }
  if (assessment.lasts) {
    restless_.erase(pair);
  } else {
    restless_.insert(pair);
  }
}

void AssessmentMemory::AssessAll(const Situation& situation,
                                 const LogViewReader& log,
                                 bool states_known,
                                 WishFinder& wishes,
                                 std::vector<EnvironmentProject>& assessed) {
  auto known = std::exchange(pairs_, {});
  const auto inputs_known = std::exchange(inputs_, {});
  const auto again = std::exchange(restless_, {});
  for (const EnvironmentName& environment : situation.view.ladder.order) {
    const auto& deployments = situation.view.deployments;
    for (auto deployment = deployments.lower_bound({environment, ProjectName()});
         deployment != deployments.end() && deployment->first.first == environment;
         ++deployment) {
      const EnvironmentProject& pair = deployment->first;
      std::string inputs = states_known ? InputsOf(situation, log, pair) : std::string();
      const auto before = inputs_known.find(pair);
      const bool same = states_known && before != inputs_known.end() && before->second == inputs &&
                        again.count(pair) == 0 && unsettled_.count(pair) == 0;
      inputs_.emplace(pair, std::move(inputs));
      if (same) {
        pairs_.insert(known.extract(pair));
        continue;
      }
      AssessOne(situation, pair, wishes);
      assessed.push_back(pair);
    }
  }
}

std::vector<EnvironmentProject> AssessmentMemory::Update(const Situation& situation,
                                                         const std::optional<CommitId>& log_head,
                                                         const LogViewReader& log,
                                                         WishFinder& wishes) {
  std::vector<EnvironmentProject> assessed;
  const bool states_known = log.view().head == log_head;
  if (states_known && situation.main == main_ && log_head == log_head_) {
    std::set<EnvironmentProject> again = restless_;
    again.insert(unsettled_.begin(), unsettled_.end());
    for (const EnvironmentName& environment : situation.view.ladder.order) {
      for (const EnvironmentProject& pair : again) {
        if (pair.first == environment) {
          AssessOne(situation, pair, wishes);
          assessed.push_back(pair);
        }
      }
    }
  } else {
    main_ = CommitId();  // an exception on the way leaves nothing that counts as known
    AssessAll(situation, log, states_known, wishes, assessed);
    main_ = situation.main;
    log_head_ = log_head;
  }
  return assessed;
}

void AssessmentMemory::Settle() {
  for (const EnvironmentProject& pair : unsettled_) {
    pairs_[pair].judged.clear();  // told; what people are shown of it stands beside
  }
  unsettled_.clear();
}

}  // namespace failgate
