// Any bytes as failgate.yaml: a pipeline that can be planned, or problems; and as FAILGATE_OUTPUT.
#include "controller/base/text.h"
#include "controller/pipeline/outputs.h"
#include "controller/pipeline/plan.h"
#include "tests/fuzz/require.h"

namespace failgate {
namespace {

void RequireStep(const Pipeline& pipeline, const PipelineStep& step) {
  Require(IsValidName(step.name) && !step.run.empty() && step.timeout.count() > 0);
  Require(pipeline.FindStep(step.name) == &step);
  const std::set<std::string> needed = TransitiveNeeds(pipeline, step);
  Require(needed.count(step.name) == 0);
  for (const std::string& name : step.needs) {
    Require(pipeline.FindStep(name) != nullptr && needed.count(name) == 1);
  }
  for (const ArtifactSpec& artifact : step.artifacts) {
    const bool computed = artifact.path.find("${{") != std::string::npos;
    Require(!artifact.name.empty() && (computed || IsSafeRelativePath(artifact.path)));
  }
}

void FuzzPipeline(std::string_view text) {
  const Parsed<Pipeline> pipeline = ParsePipeline(text, "failgate.yaml");
  if (!pipeline) {
    Require(!pipeline.error().empty());
    for (const Problem& problem : pipeline.error()) {
      Require(problem.line >= 0 && problem.column >= 0 && !problem.text.empty());
    }
    return;
  }
  Require(IsValidName(pipeline->project.text()) && !pipeline->steps.empty());
  for (const PipelineStep& step : pipeline->steps) {
    RequireStep(*pipeline, step);
  }
  Require(PlanRun(*pipeline, {}).steps.size() == pipeline->steps.size());
}

void FuzzOutputs(std::string_view text) {
  if (const auto outputs = ParseOutputs(text)) {
    Require(outputs->size() <= kMaxOutputKeys);
  }
  static_cast<void>(FindOutputReferences(text).has_value());
}

}  // namespace
}  // namespace failgate

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = failgate::TextOf(data, size);
  failgate::FuzzPipeline(text);
  failgate::FuzzOutputs(text);
  return 0;
}
