#include "controller/pipeline/data_order.h"

#include "controller/data/data_parts.h"

namespace failgate {

std::string PlaceOfDataSource(const Pipeline& pipeline, const SourceName& source) {
  if (pipeline.triggers.data) {
    for (const DataPlace& place : pipeline.triggers.data->sources) {
      if (place.source == source) {
        return place.at;
      }
    }
  }
  return "data/" + source.text();
}

DataOrder DataOrderOf(const Run& run,
                      const Pipeline& pipeline,
                      const std::filesystem::path& workspace) {
  DataOrder order;
  order.source = run.source;
  order.workspace = workspace;
  if (pipeline.triggers.data) {
    order.paths = pipeline.triggers.data->paths;
  }
  for (const auto& [source, revision] : DataSourcesOf(run.data_version)) {
    order.sources.push_back({source, revision, PlaceOfDataSource(pipeline, source)});
  }
  return order;
}

}  // namespace failgate
