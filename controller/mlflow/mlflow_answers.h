// What an MLflow server answers, read strictly. Pure. Versions are texts; 64-bit numbers come as
// numbers or texts.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace failgate {

using MlflowTags = std::map<std::string, std::string>;

struct MlflowFault {
  std::string code;
  std::string message;
};

struct MlflowRun {
  std::string id;
  std::string experiment;
  std::string status;  ///< "RUNNING", "FINISHED", …
  std::string artifact_uri;
  bool deleted = false;   ///< somebody put it into the bin
  long long started = 0;  ///< milliseconds since 1970
  MlflowTags tags;
};

struct MlflowRunPage {
  std::vector<MlflowRun> runs;
  std::string next;  ///< page_token; empty on the last page
};

struct MlflowVersion {
  std::string model;
  std::string version;  ///< "3"
  std::string run;
  std::string status;  ///< "READY", …
  std::string stage;   ///< "None", "Staging", "Production", "Archived"; empty on some servers
  MlflowTags tags;
  [[nodiscard]] std::string Tag(const std::string& key) const;
};

struct MlflowModel {
  std::string name;
  MlflowTags tags;
  std::map<std::string, std::string> aliases = {};  ///< alias → version
  /// The newest version of each stage; empty on servers without stages.
  std::vector<MlflowVersion> newest_of_stages = {};
};

/// All are nullopt for what is something else.
[[nodiscard]] std::optional<MlflowFault> ReadMlflowError(std::string_view body);
/// {"experiment_id"}, or {"experiment": {"experiment_id"}}.
[[nodiscard]] std::optional<std::string> ReadMlflowExperiment(std::string_view body);
/// {"run": {"info", "data"}}.
[[nodiscard]] std::optional<MlflowRun> ReadMlflowRun(std::string_view body);
/// {"runs": […], "next_page_token"}; both may be missing.
[[nodiscard]] std::optional<MlflowRunPage> ReadMlflowRuns(std::string_view body);
/// {"registered_model": {…}}.
[[nodiscard]] std::optional<MlflowModel> ReadMlflowModel(std::string_view body);
/// {"model_version": {…}}.
[[nodiscard]] std::optional<MlflowVersion> ReadMlflowVersion(std::string_view body);
/// {"model_versions": […]}; may be missing.
[[nodiscard]] std::optional<std::vector<MlflowVersion>> ReadMlflowVersions(std::string_view body);

}  // namespace failgate
