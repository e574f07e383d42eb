// Any bytes as the files of an operations repository. A line "%%" parts an environment's file from
// a project's, so that what one demands meets what the other tightens.
#include <algorithm>
#include <vector>

#include "controller/promotion/desired_file.h"
#include "controller/promotion/directory_settings.h"
#include "controller/promotion/project_deployment.h"
#include "policies/evaluate.h"
#include "policies/policy_parser.h"
#include "tests/fuzz/require.h"

namespace failgate {
namespace {

const EnvironmentName kEnvironment("prod");
const ProjectName kProject("churn");

Facts FactsOf(long long passed, long long covered, int approvals) {
  Facts facts;
  facts.project = kProject;
  facts.environment = kEnvironment;
  facts.release = ReleaseName("churn-42");
  facts.record = "sha256:" + std::string(64, 'a');
  facts.now = *ParseTime("2026-11-23T09:00:00Z");
  for (const std::string& level : TestLevels()) {
    if (passed > 0) {
      facts.evidence.tests[level] = TestCounts{passed, 0, 0, 0};
      StepEvidence step{level, level, EvidenceState::kPassed, TestCounts{passed, 0, 0, 0}};
      step.usecase = "scoring";
      step.started = facts.now;
      step.finished = facts.now + std::chrono::minutes(covered / 10);
      step.cases = CaseFigures{passed, passed % 2, "test_x", passed / 2};
      facts.evidence.steps.push_back(std::move(step));
    }
  }
  facts.evidence.coverage = CoverageFigures{covered, 100, covered, 100};
  facts.evidence.changed_lines = ChangedLines{CommitId(std::string(40, 'b')), covered, 100};
  facts.authors_known = true;
  facts.requested_via = "api";
  facts.soaks.push_back(SoakFact{EnvironmentName("recette"),
                                 SoakState::kSteady,
                                 facts.now - std::chrono::hours(passed),
                                 std::nullopt,
                                 ""});
  facts.after = LadderFact{EnvironmentName("recette"), LadderState::kPassed, facts.now, ""};
  for (const char* email : {"alice@example.com", "bob@example.com", "carol@example.com"}) {
    if (static_cast<int>(facts.approvals.size()) < approvals) {
      facts.approvals.push_back(
          {Person{"", email}, false, facts.now, std::nullopt, facts.record, "api", approvals > 2});
    }
  }
  return facts;
}

/// Whatever zones a policy names have the clocks of UTC.
void AddZones(const Policy& policy, Facts& facts) {
  if (!policy.window) {
    return;
  }
  for (const Window& window : policy.window->windows) {
    facts.zones.push_back(ZoneFact{window.zone,
                                   true,
                                   facts.now - std::chrono::days(1),
                                   facts.now + std::chrono::days(400),
                                   {{facts.now - std::chrono::days(1), 0}}});
  }
}

/// A wait that names its end is over then, as far as the clock is concerned.
void RequireOpening(const Policy& policy, Facts facts) {
  for (const GateVerdict& verdict : Evaluate(policy, facts).verdicts) {
    if (verdict.gate == "window" && verdict.until) {
      Require(*verdict.until > facts.now);
      facts.now = *verdict.until;
      Require(EvaluateWindow(*policy.window, facts).verdict == Verdict::kPass);
    }
  }
}

/// The rule of product.md §4: what passes the tightened policy passes the floor.
void RequireTighter(const Policy& floor, const Policy& tightened) {
  static const std::vector<Facts> cases = {
      FactsOf(0, 0, 0), FactsOf(1, 50, 1), FactsOf(1, 85, 2), FactsOf(1000, 100, 3)};
  for (Facts facts : cases) {
    AddZones(tightened, facts);
    RequireOpening(tightened, facts);
    if (Evaluate(tightened, facts).outcome == Outcome::kPassed) {
      Require(Evaluate(floor, facts).outcome == Outcome::kPassed);
    }
  }
}

void FuzzGates(std::string_view environment, std::string_view project) {
  const Parsed<Policy> floor = ParseEnvironmentPolicy(environment, "environment.yaml");
  const Parsed<GateSettings> gates = ParseProjectGates(project, "churn.yaml");
  Require(floor.has_value() || !floor.error().empty());
  Require(gates.has_value() || !gates.error().empty());
  if (floor && gates) {
    const Parsed<Policy> tightened = Tighten(*floor, *gates);
    if (tightened) {
      RequireTighter(*floor, *tightened);
    }
  }
}

void FuzzDeployment(std::string_view text) {
  PolicyFile file;
  file.path = "environments/prod/churn.yaml";
  file.text = std::string(text);
  const ProjectDeployment deployment = ReadProjectDeployment(kEnvironment, kProject, file);
  if (!deployment.problems.empty()) {
    return;
  }
  Require(SpecDigest(deployment).size() == 71);
  for (const DeployStep& step : deployment.deploy) {
    Require(!step.directory.path.empty() && step.directory.path.front() == '/');
    Require(step.directory.path.find("/../") == std::string::npos);
    Require(!step.directory.artifacts.empty());
  }
}

void RequireEdited(const Desired& before, const std::string& text) {
  for (const std::string release : {"churn-7", "newest"}) {
    const Parsed<std::string> edited = SetRelease(kEnvironment, kProject, text, release);
    if (edited) {
      const Desired after = ReadDesired(kEnvironment, kProject, *edited);
      Require(after.problems.empty() && after.except == before.except);
      Require(after.hold == before.hold && after.newest == (release == "newest"));
      Require(after.newest || after.release == ReleaseName(release));
    }
  }
  const Exception excepted{
      ReleaseName("churn-9"), Because::kCode, "tab \t, \"quotes\" and \\", "alice@example.com"};
  const Parsed<std::string> edited = AddException(kEnvironment, kProject, text, excepted);
  if (edited) {
    const Desired after = ReadDesired(kEnvironment, kProject, *edited);
    Require(after.problems.empty() && after.release == before.release);
    Require(after.newest == before.newest && after.hold == before.hold);
    Require(after.except.size() >= before.except.size());
    Require(std::any_of(after.except.begin(), after.except.end(), [&](const Exception& one) {
      return one.release == excepted.release && one.because == excepted.because;
    }));
  }
}

void RequireHeld(const Desired& before, const std::string& text) {
  const Hold hold{
      TimePoint(std::chrono::seconds(1'800'000'000)), "tab \t, \"quotes\" and \\", false};
  for (const std::optional<Hold>& wanted : {std::optional<Hold>(hold), std::optional<Hold>()}) {
    const Parsed<std::string> edited = SetHold(kEnvironment, kProject, text, wanted);
    if (edited) {
      const Desired after = ReadDesired(kEnvironment, kProject, *edited);
      Require(after.problems.empty() && after.except == before.except);
      Require(after.release == before.release && after.newest == before.newest);
      Require(after.hold.has_value() == wanted.has_value());
      Require(!wanted || (after.hold->until == hold.until && !after.hold->healing));
    }
  }
}

void FuzzDesired(const std::string& text) {
  const Desired desired = ReadDesired(kEnvironment, kProject, text);
  if (desired.problems.empty()) {
    RequireEdited(desired, text);
    RequireHeld(desired, text);
    return;
  }
  Require(!SetRelease(kEnvironment, kProject, text, "churn-7").has_value());
}

}  // namespace
}  // namespace failgate

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::string_view kParting = "\n%%\n";
  const std::string_view text = failgate::TextOf(data, size);
  const std::size_t at = text.find(kParting);
  const bool parted = at != std::string_view::npos;
  const std::string_view first = parted ? text.substr(0, at + 1) : text;
  const std::string_view second = parted ? text.substr(at + kParting.size()) : text;
  failgate::FuzzGates(first, second);
  failgate::FuzzDeployment(second);
  failgate::FuzzDesired(std::string(first));
  return 0;
}
