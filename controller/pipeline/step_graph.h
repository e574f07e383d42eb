// What must hold between the steps of one pipeline: names, needs, outputs, artifacts.
#pragma once

#include <vector>

#include "controller/base/yaml_reader.h"
#include "controller/pipeline/pipeline_file.h"

namespace failgate {

/// nodes[i] is where pipeline.steps[i] was read from. Adds: names and artifact names used twice,
/// unknown needs, circles, outputs of steps that are not needed, artifacts that would meet in one
/// workspace.
void CheckStepGraph(const Pipeline& pipeline,
                    const std::vector<const YamlNode*>& nodes,
                    ProblemSink& problems);

}  // namespace failgate
