// What runs and checks measured of a model, told apart by who measured it and against which
// champion.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "controller/base/ids.h"

namespace failgate {

/// One column of a model's input.
struct SchemaField {
  std::string name;
  std::string type;
  bool operator==(const SchemaField&) const = default;
};

/// What a consistency report says; what it does not speak of is absent.
struct ConsistencyFigures {
  /// Predictions of the model as it was trained and as it was loaded again.
  struct Predictions {
    long long compared = 0;
    long long different = 0;
    bool operator==(const Predictions&) const = default;
  };
  struct Cases {
    long long passed = 0;
    long long failed = 0;
    bool operator==(const Cases&) const = default;
  };
  std::optional<Predictions> predictions = {};
  std::optional<Cases> invariance = {};
  std::optional<Cases> direction = {};
  std::vector<SchemaField> schema = {};           ///< in order; empty = not told
  std::vector<SchemaField> champion_schema = {};  ///< of the model in FAILGATE_CHAMPION
  std::map<std::string, double> rerun = {};       ///< metrics of a training with the same seed
  bool operator==(const ConsistencyFigures&) const = default;
};

/// What one step measured of what is released: never of a degraded training, nor of a step that was
/// given an artifact of one.
struct StepMeasurement {
  std::string step;
  std::map<std::string, double> metrics = {};  ///< finite numbers only
  ReleaseName champion = {};                   ///< in FAILGATE_CHAMPION; empty = there was none
  /// The release whose run measured it, for a model that was carried on; empty = its own run.
  ReleaseName measured_for = {};
  std::optional<ConsistencyFigures> consistency = {};
  /// The step ran twice with the same seed.
  struct Repeated {
    long long metrics = 0;   ///< that were compared
    std::string difference;  ///< the first; empty = none
    bool operator==(const Repeated&) const = default;
  };
  std::optional<Repeated> repeated = {};
  bool operator==(const StepMeasurement&) const = default;
};

/// The fully trained artifacts, "sha256:…" by name, of the release and of what runs.
struct ModelFacts {
  std::map<std::string, std::string> trained = {};
  std::map<std::string, std::string> champion_trained = {};
  /// Input schema by the record of what runs; empty = it tells none.
  std::vector<SchemaField> champion_schema = {};
  /// "auc[country=FR]": what the record of what runs measured of slices that the gate asks for with
  /// *; in order, each once.
  std::vector<std::string> champion_slices = {};
  bool operator==(const ModelFacts&) const = default;
};

}  // namespace failgate
