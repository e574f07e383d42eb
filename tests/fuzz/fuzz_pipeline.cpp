// Any bytes as failgate.yaml: a pipeline that can be planned, or problems; and as FAILGATE_OUTPUT.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "controller/pipeline/outputs.h"
#include "controller/pipeline/plan.h"

namespace {

void Require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto outputs = failgate::ParseOutputs(text)) {
    Require(outputs->size() <= failgate::kMaxOutputKeys);
  }
  static_cast<void>(failgate::FindOutputReferences(text).has_value());
  const auto pipeline = failgate::ParsePipeline(text, "failgate.yaml");
  if (!pipeline) {
    Require(!pipeline.error().empty());
    return 0;
  }
  const failgate::RunPlan plan = failgate::PlanRun(*pipeline, {});
  Require(plan.steps.size() == pipeline->steps.size());
  return 0;
}
