// A pipeline file from text to steps, against what its YAML library needs for the same text.
#include <benchmark/benchmark.h>
#include <yaml-cpp/yaml.h>

#include "controller/base/durable_file.h"
#include "controller/base/error.h"
#include "controller/base/yaml_document.h"
#include "controller/pipeline/pipeline_file.h"

namespace failgate {
namespace {

const std::string& PipelineText() {
  static const std::string text =
      ReadFile(std::filesystem::path(FAILGATE_SOURCE_DIR) / "manifests/pipelines/churn.yaml");
  return text;
}

void Report(benchmark::State& state) {
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) *
                          static_cast<std::int64_t>(PipelineText().size()));
}

void Pipelines(benchmark::State& state) {
  for (auto _ : state) {
    const auto pipeline = ParsePipeline(PipelineText(), "failgate.yaml");
    Check(pipeline.has_value(), "the example is a pipeline");
  }
  Report(state);
}
BENCHMARK(Pipelines)->Name("pipeline file/failgate");

void StrictYaml(benchmark::State& state) {
  for (auto _ : state) {
    Check(ParseYaml(PipelineText(), "failgate.yaml").has_value(), "the example is YAML");
  }
  Report(state);
}
BENCHMARK(StrictYaml)->Name("YAML with limits and places/failgate");

void YamlCpp(benchmark::State& state) {
  for (auto _ : state) {
    benchmark::DoNotOptimize(YAML::Load(PipelineText()));
  }
  Report(state);
}
BENCHMARK(YamlCpp)->Name("YAML with limits and places/yaml-cpp");

}  // namespace
}  // namespace failgate
