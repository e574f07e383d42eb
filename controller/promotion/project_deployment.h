// environments/E/P.yaml: how a project is deployed in an environment.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "controller/base/clock.h"
#include "controller/base/ids.h"
#include "controller/base/result.h"
#include "policies/decision_json.h"
#include "policies/policy.h"

namespace failgate {

struct HealthCheck {
  enum class Kind {
    kCommand,  ///< shell text
    kHttp,     ///< http:// or https:// URL
    kTcp,      ///< host:port
  };
  Kind kind = Kind::kCommand;
  std::string value;
  Milliseconds timeout{30'000};
  bool operator==(const HealthCheck&) const = default;
};

struct DirectoryTarget {
  std::string path;                    ///< absolute, normal; the link failgate owns
  std::vector<std::string> artifacts;  ///< names, not empty, unique
  bool operator==(const DirectoryTarget&) const = default;
};

/// A version of a registered model, and the alias that says it is the one in use.
struct MlflowTarget {
  std::string model;     ///< name of the registered model
  std::string alias;     ///< of that model; failgate moves it
  std::string artifact;  ///< name of the release's artifact that the version is
  bool operator==(const MlflowTarget&) const = default;
};

/// One step of `deploy:`. It has one target.
struct DeployStep {
  std::string name;
  DirectoryTarget directory;  ///< path empty: another target
  std::optional<HealthCheck> health;
  std::optional<MlflowTarget> mlflow = {};
  bool operator==(const DeployStep&) const = default;
};

struct DriftSettings {
  Milliseconds every{60'000};     ///< between two passes
  bool heal = true;               ///< false: drift is logged, not repaired
  Milliseconds full{86'400'000};  ///< bytes are hashed again this often
  bool operator==(const DriftSettings&) const = default;
};

enum class OnFailure { kRollback, kStay };

struct ProjectDeployment {
  EnvironmentName environment;
  ProjectName project;
  std::string path;
  ObjectId blob;
  std::shared_ptr<const GateSettings> gates;  ///< as written here; nullptr: none are
  OperationsChecks checks = {};               ///< those before are in `gates` too
  std::vector<DeployStep> deploy;
  DriftSettings drift;
  OnFailure on_failure = OnFailure::kRollback;
  Problems problems;  ///< of this file; a pair with problems is left as it is
};

/// Reads the file without the floor.
[[nodiscard]] ProjectDeployment ReadProjectDeployment(const EnvironmentName& environment,
                                                      const ProjectName& project,
                                                      const PolicyFile& file);

/// "sha256:…" of what influences the deployed state: the steps with targets and health, in order.
/// Not gates, drift, on_failure, comments or layout.
[[nodiscard]] std::string SpecDigest(const ProjectDeployment& deployment);

}  // namespace failgate
