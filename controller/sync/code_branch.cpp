#include "controller/sync/code_branch.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "controller/base/text.h"
#include "controller/pipeline/plan.h"
#include "controller/sync/branch_planner.h"
#include "controller/sync/snapshot.h"

namespace failgate {
namespace {

constexpr std::string_view kBranchPrefix = "refs/heads/";

std::string Shown(const std::string& text) {
  return OneLine(text, 100);
}

}  // namespace

bool IsCodeBranch(const Pipeline& pipeline, const std::string& ref) {
  const std::string branch = ref.substr(kBranchPrefix.size());
  const auto& patterns = pipeline.triggers.code.branches;
  return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
    return BranchMatches(pattern, branch);
  });
}

Result<Pipeline> PipelineAt(const Repository& repository,
                            const SourceSettings& source,
                            const ProjectName& project,
                            const CommitId& revision) {
  const Snapshot snapshot = ReadSnapshot(repository, source.name, {"", revision}, std::nullopt);
  if (!snapshot.pipeline_text) {
    return Refusal{"no_pipeline",
                   fmt::format("revision {} has no {}", revision.text(), kPipelineFileName)};
  }
  if (!*snapshot.pipeline_text) {
    return Refusal{"invalid_pipeline", snapshot.pipeline_text->error().text};
  }
  Parsed<Pipeline> pipeline =
      ParsePipeline(**snapshot.pipeline_text, std::string(kPipelineFileName));
  if (!pipeline) {
    return Refusal{"invalid_pipeline", DescribeInOneLine(pipeline.error())};
  }
  if (pipeline->project != project) {
    return Refusal{"wrong_project",
                   fmt::format("revision {} is of project {}, not of {}",
                               revision.text(),
                               Shown(pipeline->project.text()),
                               Shown(project.text()))};
  }
  return std::move(pipeline).value();
}

std::vector<RefEntry> OrderedHeads(std::vector<RefEntry> heads) {
  const auto rank = [](const RefEntry& head) {
    return head.name == "refs/heads/main" ? 0 : head.name == "refs/heads/master" ? 1 : 2;
  };
  std::stable_sort(heads.begin(), heads.end(), [&](const RefEntry& a, const RefEntry& b) {
    return rank(a) < rank(b);
  });
  return heads;
}

Result<CodePlace> FirstCodeBranch(const Repository& repository,
                                  const SourceSettings& source,
                                  const std::vector<RefEntry>& heads,
                                  const ProjectName& project) {
  std::optional<Refusal> first;
  for (const RefEntry& head : heads) {
    Result<Pipeline> pipeline = PipelineAt(repository, source, project, head.commit);
    if (!pipeline) {
      if (!first) {
        first = pipeline.error();
      }
      continue;
    }
    if (IsCodeBranch(*pipeline, head.name)) {
      return CodePlace{head, true, std::move(pipeline).value()};
    }
  }
  return first ? *first
               : Refusal{"no_code_branch",
                         fmt::format("source {} has no branch that triggers.code names",
                                     source.name.text())};
}

}  // namespace failgate
