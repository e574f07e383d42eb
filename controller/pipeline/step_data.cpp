#include "controller/pipeline/step_data.h"

#include <fmt/format.h>

#include <utility>

#include "controller/base/error.h"
#include "controller/data/run_data.h"
#include "controller/pipeline/data_order.h"
#include "controller/watch/watched_data.h"

namespace failgate {

std::optional<std::string> StepData::PlaceKeptElsewhere(std::optional<DataObjects>& objects,
                                                        const std::stop_token& stop) {
  if (parts_.data == nullptr) {
    return std::nullopt;
  }
  DataOrder order = DataOrderOf(context_.run, context_.pipeline, workspace_.path());
  order.max_bytes = static_cast<std::uint64_t>(parts_.settings.disk_bytes);
  try {
    const Result<DataObjects> placed = parts_.data->Place(order, stop);
    if (!placed) {
      return fmt::format("its data cannot be brought: {}", placed.error().text);
    }
    objects = *placed;
  } catch (const Error& error) {
    if (error.remedy() == Remedy::kRetry) {
      RethrowWithContext("bringing the data");
    }
    for (const PlacedDataSource& placed : order.sources) {
      if (parts_.questions.mirror_is_broken && parts_.questions.mirror_is_broken(placed.source)) {
        throw Error(Remedy::kRetry,
                    fmt::format("bringing the data: the mirror of {} is being replaced: {}",
                                placed.source.text(),
                                error.what()));
      }
    }
    return fmt::format("its data cannot be brought: {}", error.what());
  }
  return std::nullopt;
}

std::optional<std::string> StepData::PlaceWatched(std::vector<ReadOnlyBind>& binds) {
  const auto& watched = context_.plan.watched;
  const auto& data = context_.pipeline.triggers.data;
  if (watched.empty()) {
    return std::nullopt;
  }
  const auto parts = WatchedPartsOf(context_.run.data_version, watched);
  if (parts_.watched == nullptr || !data || parts.size() != data->watch.size()) {
    return std::string("its watched data is not known here: run it again with --again");
  }
  const bool sandboxed = parts_.settings.sandbox == SandboxMode::kRequired;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::filesystem::path host = workspace_.WatchedFolder(parts[i].name);
    if (const auto refusal = parts_.watched->Place(parts[i], host, sandboxed)) {
      return refusal->text;
    }
    ReadOnlyBind bind{host, std::filesystem::path(kWatchedInside) / parts[i].name};
    workspace_.Link(data->watch[i].at, parts_.runner.InsideBind(bind));
    binds.push_back(std::move(bind));
  }
  return std::nullopt;
}

}  // namespace failgate
