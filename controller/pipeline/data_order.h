// Which data a run's steps are given, and where it lies in their workspace. Pure.
#pragma once

#include <filesystem>

#include "controller/data/run_data.h"
#include "controller/pipeline/pipeline_file.h"
#include "controller/store/run.h"

namespace failgate {

/// Where the tree of a source of kind data goes: as the pipeline says, else data/NAME.
[[nodiscard]] std::string PlaceOfDataSource(const Pipeline& pipeline, const SourceName& source);

/// Sources of kind data are those that the run's data version names. No limit is set.
[[nodiscard]] DataOrder DataOrderOf(const Run& run,
                                    const Pipeline& pipeline,
                                    const std::filesystem::path& workspace);

}  // namespace failgate
