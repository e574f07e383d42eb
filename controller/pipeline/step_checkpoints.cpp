#include "controller/pipeline/step_checkpoints.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "controller/base/digest.h"
#include "controller/base/durable_file.h"
#include "controller/base/error.h"
#include "controller/base/log.h"
#include "controller/git/repository.h"
#include "controller/pipeline/step_workspace.h"
#include "policies/strict_json.h"

namespace failgate {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr const char* kFiles = "files";
constexpr const char* kOriginFile = "origin";
constexpr std::size_t kMaxOriginBytes = std::size_t{1} << 20U;

struct WrittenOrigin {
  TrainingOrigin origin;
  RunId run;  ///< whose attempt used it last
};

std::string ToJson(const WrittenOrigin& written) {
  return CanonicalJson(Json{{"code", written.origin.code},
                            {"data", written.origin.data},
                            {"inputs", written.origin.inputs},
                            {"training", written.origin.training},
                            {"run", written.run.text()}});
}

/// nullopt: nobody can say what lies there.
std::optional<WrittenOrigin> ReadOrigin(const fs::path& file) {
  const auto text = ReadFileIfPresent(file, kMaxOriginBytes);
  if (!text) {
    return std::nullopt;
  }
  try {
    const Json json = ParseStrictJson(*text);
    JsonObjectReader reader(json, "origin");
    WrittenOrigin written;
    written.origin.code = reader.String("code");
    written.origin.data = reader.String("data");
    written.origin.inputs = reader.String("inputs");
    written.origin.training = reader.String("training");
    written.run = RunId(reader.String("run"));
    reader.Finish();
    return written;
  } catch (const JsonFault&) {
    return std::nullopt;
  }
}

/// A file that has another name elsewhere would be given to the next attempt's user there too; a
/// folder that is shut cannot be looked into.
bool CanBeHandedOn(const fs::path& folder) {
  std::error_code failed;
  const fs::recursive_directory_iterator end;
  for (fs::recursive_directory_iterator entry(folder, failed); !failed && entry != end;
       entry.increment(failed)) {
    struct stat status = {};
    if (lstat(entry->path().c_str(), &status) != 0 ||
        (!S_ISDIR(status.st_mode) && status.st_nlink > 1)) {
      return false;
    }
  }
  return !failed;
}

}  // namespace

TrainingOrigin OriginOf(const ExecutionParts& parts,
                        const RunContext& context,
                        const PipelineStep& step,
                        TrainingMode training) {
  const Repository mirror =
      Repository::Open(parts.folders.mirrors / (context.run.source.text() + ".git"));
  Sha256 inputs;
  for (const std::string& need : TransitiveNeeds(context.pipeline, step)) {
    const auto done = context.results.find(need);
    if (done == context.results.end()) {
      continue;
    }
    for (const auto& [key, value] : done->second.outputs) {
      inputs.Update(fmt::format("{}\n{}={}\n", need, key, value));
    }
    for (const StepArtifact& artifact : done->second.artifacts) {
      inputs.Update(fmt::format("{}\n{} {}\n", need, artifact.record.sha256, artifact.path));
    }
  }
  return {mirror.ReadCommit(context.run.revision).tree.text(),
          context.run.data_version,
          inputs.FinishHex(),
          std::string(ToText(training))};
}

StepCheckpoints::StepCheckpoints(const ExecutionParts& parts,
                                 const ProjectName& project,
                                 const std::string& step)
    : steps_(parts.steps),
      step_(step),
      folder_(parts.folders.checkpoints / project.text() / step) {}

bool StepCheckpoints::IsFor(const TrainingOrigin& origin) const {
  const auto written = ReadOrigin(folder_ / kOriginFile);
  std::error_code ignored;
  if (!written || written->origin != origin || !fs::is_directory(folder_ / kFiles, ignored)) {
    return false;
  }
  // One that passed was killed before they were removed.
  const auto last = steps_.Get(written->run, step_);
  return last && last->state != StepState::kPassed && CanBeHandedOn(folder_ / kFiles);
}

fs::path StepCheckpoints::Open(const TrainingOrigin& origin, const RunId& run) {
  const bool goes_on = IsFor(origin);
  if (!goes_on) {
    RemoveTree(folder_);
  }
  MakePassable(folder_.parent_path().parent_path());
  MakePassable(folder_.parent_path());
  MakePassable(folder_);
  fs::path files = folder_ / kFiles;
  CreateFolders(files, 0700);
  WriteFileDurably(folder_ / kOriginFile, ToJson({origin, run}), 0600);
  std::error_code ignored;
  if (goes_on && !fs::is_empty(files, ignored)) {
    log::Info("a training finds its checkpoints", {{"run", run.text()}, {"step", step_}});
  }
  return files;
}

void StepCheckpoints::Remove() {
  RemoveTree(folder_);
}

}  // namespace failgate
