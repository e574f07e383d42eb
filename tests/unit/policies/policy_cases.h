// The case tables of tests/data/policies, read into policies and facts.
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
  std::map<std::string, std::string> verdicts;  ///< gate -> "verdict: reason"
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

/// Merged policy of the two texts, or the first file's problems.
Parsed<Policy> MergedPolicy(const std::string& environment_text, const std::string& project_text);

/// The facts of a release about which nothing is known.
Facts EmptyFacts();

constexpr const char* kCaseEnvironmentFile = "environments/prod/environment.yaml";
constexpr const char* kCaseProjectFile = "environments/prod/churn.yaml";

}  // namespace failgate
