// The case tables of tests/data/policy_cases, read into policies and facts.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "policies/facts.h"
#include "policies/policy.h"

namespace failgate {

struct PolicyCase {
  std::string name;
  std::string environment_text;
  std::string project_text;  ///< empty = the project has no gates of its own
  Facts facts;
  std::string outcome;
  /// gate -> "verdict: reason"; "…" stands for any text.
  std::map<std::string, std::string> verdicts;
  std::string until = {};  ///< the earliest `until` of the verdicts; empty = not looked at
};

struct RefusalCase {
  struct Expected {
    std::string at;
    std::string says;
  };
  std::string name;
  std::string environment_text;
  std::string project_text;
  std::vector<Expected> problems;
};

/// Every case of every table with verdicts. Throws Error when a table is malformed.
std::vector<PolicyCase> AllPolicyCases();
std::vector<RefusalCase> AllRefusalCases();

/// The rules of zones.yaml for one zone; without offsets and not known when it is not there.
ZoneFact CaseZone(const std::string& name);

/// Merged policy of the two texts, or the first file's problems.
Parsed<Policy> MergedPolicy(const std::string& environment_text, const std::string& project_text);

/// The facts of a release about which nothing is known.
Facts EmptyFacts();

constexpr const char* kCaseEnvironmentFile = "environments/prod/environment.yaml";
constexpr const char* kCaseProjectFile = "environments/prod/churn.yaml";

}  // namespace failgate
