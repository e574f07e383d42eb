// How the gate `model` is written, and how a project's file tightens it.
#include <fmt/format.h>

#include <algorithm>

#include "controller/base/text.h"
#include "policies/gates/model.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxMetrics = 100;
constexpr std::size_t kMaxSlices = 100;
constexpr std::size_t kMaxNameBytes = 200;
constexpr std::size_t kShownName = 80;
/// Thresholds beyond this are mistakes, and differences of such numbers stay finite.
constexpr double kMaxThreshold = 1e300;
constexpr const char* kGate = "gates.model";

bool IsMetricName(const std::string& name) {
  return !name.empty() && name.size() <= kMaxNameBytes && EscapeControls(name) == name &&
         Trim(name) == name && name.rfind("champion.", 0) != 0;
}

/// KEY=VALUE, also several with commas, or KEY=*.
bool IsSlice(const std::string& slice) {
  const std::size_t equals = slice.find('=');
  return slice.size() <= kMaxNameBytes && EscapeControls(slice) == slice && equals > 0 &&
         equals != std::string::npos && equals + 1 < slice.size() &&
         slice.find_first_of("[] ") == std::string::npos &&
         slice.find('*') == (slice.back() == '*' ? slice.size() - 1 : std::string::npos) &&
         (slice.back() != '*' || slice[slice.size() - 2] == '=');
}

MaybeWritten<Tolerance> ReadTolerance(MappingReader& reader, ProblemSink& problems) {
  const YamlNode* node = reader.Optional("tolerance");
  if (node == nullptr) return std::nullopt;
  std::optional<Tolerance> tolerance;
  if (node->kind == YamlNode::Kind::kScalar) {
    std::string text = node->scalar;
    const bool relative = !text.empty() && text.back() == '%';
    if (relative) text = std::string(Trim(text.substr(0, text.size() - 1)));
    const auto number = relative || !node->quoted ? ParseNumber(text) : std::nullopt;
    const double most = relative ? 100 : kMaxThreshold;
    if (number && *number >= 0 && *number <= most) {
      tolerance = Tolerance{relative ? *number / 100 : *number, relative};
    }
  }
  if (!tolerance) {
    problems.Add(*node,
                 "gates.model.tolerance: must be a number, such as 0.005, or a share of the "
                 "champion's value up to 100 %, such as \"1%\"");
  }
  return WrittenAt(node, tolerance);
}

MaybeWritten<std::vector<std::string>> ReadSlices(MappingReader& reader,
                                                  const std::string& metric,
                                                  ProblemSink& problems) {
  const YamlNode* node = reader.Optional("slices");
  if (node == nullptr) return std::nullopt;
  auto slices = reader.Strings("slices");
  if (!slices) return std::nullopt;
  std::sort(slices->begin(), slices->end());
  slices->erase(std::unique(slices->begin(), slices->end()), slices->end());
  if (slices->empty() || slices->size() > kMaxSlices ||
      !std::all_of(slices->begin(), slices->end(), IsSlice)) {
    problems.Add(*node,
                 fmt::format("gates.model.slices: must be 1 to {} slices, such as country=FR, or "
                             "\"country=*\" for every country",
                             kMaxSlices));
    return std::nullopt;
  }
  if (metric.find('[') != std::string::npos) {
    problems.Add(*node, "gates.model.slices: a slice has no slices: name the metric alone");
    return std::nullopt;
  }
  return WrittenAt(node, std::move(slices));
}

MaybeWritten<SampleDemand> ReadSamples(MappingReader& reader, ProblemSink& problems) {
  const YamlNode* node = reader.Optional("samples");
  if (node == nullptr) return std::nullopt;
  SampleDemand demand;
  MappingReader inside(*node, "gates.model.samples", problems);
  demand.metric = inside.String("metric").value_or("samples");
  const YamlNode* least = inside.Required("at_least");
  const auto number =
      least == nullptr ? std::nullopt : inside.Integer("at_least", 1, kMaxFactCount);
  inside.Finish();
  if (!IsMetricName(demand.metric) || demand.metric.find('[') != std::string::npos) {
    problems.Add(*node, "gates.model.samples.metric: must name a metric without a slice");
    return std::nullopt;
  }
  if (!number) return std::nullopt;
  demand.at_least = *number;
  return Written<SampleDemand>{std::move(demand), node->line, node->column};
}

MaybeWritten<double> ReadThreshold(MappingReader& reader, const std::string& key) {
  const YamlNode* node = reader.Optional(key);
  return WrittenAt(node, reader.Number(key, -kMaxThreshold, kMaxThreshold));
}

ModelMetricSettings ReadMetric(MappingReader& reader, ProblemSink& problems) {
  ModelMetricSettings settings;
  settings.line = reader.node().line;
  settings.column = reader.node().column;
  settings.metric = reader.RequiredString("metric");
  if (const YamlNode* node = reader.node().Find("metric");
      node != nullptr && !settings.metric.empty() && !IsMetricName(settings.metric)) {
    problems.Add(*node,
                 fmt::format("gates.model.metric: must be 1 to {} bytes and not begin with "
                             "champion.",
                             kMaxNameBytes));
  }
  const YamlNode* direction = reader.Optional("direction");
  if (const auto word = reader.OneOf("direction", {"higher", "lower"})) {
    settings.direction = WrittenAt(
        direction, std::optional(*word == "higher" ? Direction::kHigher : Direction::kLower));
  }
  settings.at_least = ReadThreshold(reader, "at_least");
  settings.at_most = ReadThreshold(reader, "at_most");
  const YamlNode* than = reader.Optional("not_worse_than");
  if (reader.OneOf("not_worse_than", {"champion"})) {
    settings.beats_champion = WrittenAt(than, std::optional(true));
  }
  settings.tolerance = ReadTolerance(reader, problems);
  settings.slices = ReadSlices(reader, settings.metric, problems);
  settings.samples = ReadSamples(reader, problems);
  settings.warn = ReadThreshold(reader, "warn");
  const YamlNode* key = reader.Optional("key");
  settings.key = WrittenAt(key, reader.Bool("key"));
  return settings;
}

/// Merges one metric; `is_new`: the floor does not have it.
class MetricMerge {
 public:
  MetricMerge(const ModelMetricSettings& settings, bool is_new, MergeProblems& problems)
      : settings_(settings), is_new_(is_new), problems_(problems) {}

  void Into(ModelMetric& merged) {
    Bound("at_least", settings_.at_least, merged.at_least, Direction::kHigher);
    Bound("at_most", settings_.at_most, merged.at_most, Direction::kLower);
    const bool compared = merged.beats_champion;
    merged.beats_champion = merged.beats_champion || settings_.beats_champion.has_value();
    TakeDirection(merged);
    TakeTolerance(merged, compared);
    if (settings_.slices) {
      auto& slices = merged.slices;
      const auto& more = settings_.slices->value;
      slices.insert(slices.end(), more.begin(), more.end());
      std::sort(slices.begin(), slices.end());
      slices.erase(std::unique(slices.begin(), slices.end()), slices.end());
    }
    TakeSamples(merged);
    Bound("warn", settings_.warn, merged.warn, merged.direction);
    Complete(merged);
  }

 private:
  void Add(int line, int column, const std::string& text) {
    problems_.Add(line,
                  column,
                  fmt::format("gate model: {}: {}", OneLine(settings_.metric, kShownName), text));
  }

  void AddLoosening(int line, int column, const std::string& what, const std::string& floor) {
    problems_.AddLoosening(
        line,
        column,
        fmt::format("model: {}: {}", OneLine(settings_.metric, kShownName), what),
        floor);
  }

  /// `better`: which values are stricter.
  void Bound(const char* name,
             const MaybeWritten<double>& written,
             std::optional<double>& merged,
             Direction better) {
    if (!written) return;
    const bool looser = merged && (better == Direction::kHigher ? written->value < *merged
                                                                : written->value > *merged);
    if (looser) {
      AddLoosening(written->line,
                   written->column,
                   fmt::format("{} {}", name, FormatNumber(written->value)),
                   fmt::format("{}: {}", name, FormatNumber(*merged)));
    }
    merged = written->value;
  }

  void TakeDirection(ModelMetric& merged) {
    if (!is_new_) {
      if (settings_.direction && settings_.direction->value != merged.direction) {
        Add(settings_.direction->line,
            settings_.direction->column,
            "its direction is the floor's and cannot be turned");
      }
      return;
    }
    if (settings_.direction) {
      merged.direction = settings_.direction->value;
      return;
    }
    if (merged.at_least.has_value() != merged.at_most.has_value()) {
      merged.direction = merged.at_least ? Direction::kHigher : Direction::kLower;
      return;
    }
    if (merged.beats_champion || settings_.warn) {
      Add(settings_.line,
          settings_.column,
          "which values are better? Write direction: higher or direction: lower");
    }
  }

  void TakeTolerance(ModelMetric& merged, bool compared) {
    if (!settings_.tolerance) return;
    const Written<Tolerance>& written = *settings_.tolerance;
    if (!merged.beats_champion) {
      Add(written.line, written.column, "tolerance needs not_worse_than: champion");
    }
    const Tolerance& floor = merged.tolerance;
    const bool same_kind = written.value.relative == floor.relative || written.value.value == 0;
    if (compared && floor.value == 0 && written.value.value > 0) {
      AddLoosening(written.line, written.column, "tolerance", "tolerance: 0");
    } else if (compared && !same_kind) {
      AddLoosening(written.line,
                   written.column,
                   floor.relative ? "tolerance that is no share" : "tolerance that is a share",
                   floor.relative ? "a share" : "a number");
    } else if (compared && written.value.value > floor.value) {
      AddLoosening(written.line,
                   written.column,
                   fmt::format("tolerance {}", Told(written.value)),
                   fmt::format("tolerance: {}", Told(floor)));
    }
    merged.tolerance = written.value;
  }

  static std::string Told(const Tolerance& tolerance) {
    return tolerance.relative ? FormatNumber(tolerance.value * 100) + "%"
                              : FormatNumber(tolerance.value);
  }

  void TakeSamples(ModelMetric& merged) {
    if (!settings_.samples) return;
    const Written<SampleDemand>& written = *settings_.samples;
    if (merged.samples && written.value.metric != merged.samples->metric) {
      AddLoosening(written.line,
                   written.column,
                   "samples of another metric",
                   "metric: " + OneLine(merged.samples->metric, kShownName));
    } else if (merged.samples && written.value.at_least < merged.samples->at_least) {
      AddLoosening(written.line,
                   written.column,
                   fmt::format("samples at_least {}", written.value.at_least),
                   fmt::format("at_least: {}", merged.samples->at_least));
    }
    merged.samples = written.value;
  }

  void Complete(const ModelMetric& merged) {
    if (!merged.at_least && !merged.at_most && !merged.beats_champion) {
      Add(settings_.line,
          settings_.column,
          "it needs at_least, at_most or not_worse_than: champion");
    }
    if (merged.at_least && merged.at_most && *merged.at_least > *merged.at_most) {
      Add(settings_.line, settings_.column, "at_least is over at_most: no value passes");
    }
  }

  const ModelMetricSettings& settings_;
  bool is_new_;
  MergeProblems& problems_;
};

}  // namespace

ModelSettings ReadModelSettings(const YamlNode& node, ProblemSink& problems) {
  ModelSettings settings;
  settings.line = node.line;
  settings.column = node.column;
  MappingReader reader(node, kGate, problems);
  settings.mode = ReadMode(reader, node);
  const YamlNode* list = reader.Optional("metrics");
  if (list == nullptr) {
    settings.metrics.push_back(ReadMetric(reader, problems));
    reader.Finish();
    return settings;
  }
  reader.Finish();
  if (list->kind != YamlNode::Kind::kSequence || list->items.empty() ||
      list->items.size() > kMaxMetrics) {
    problems.Add(*list, fmt::format("gates.model.metrics: must be 1 to {} metrics", kMaxMetrics));
    return settings;
  }
  for (const YamlNode& item : list->items) {
    MappingReader inside(item, "gates.model.metrics", problems);
    ModelMetricSettings metric = ReadMetric(inside, problems);
    inside.Finish();
    const auto same = [&](const ModelMetricSettings& each) { return each.metric == metric.metric; };
    if (!metric.metric.empty() &&
        std::any_of(settings.metrics.begin(), settings.metrics.end(), same)) {
      problems.Add(item,
                   fmt::format("gates.model.metrics: {} is there twice",
                               OneLine(metric.metric, kShownName)));
    }
    settings.metrics.push_back(std::move(metric));
  }
  return settings;
}

ModelGate MergeModel(const ModelGate* floor,
                     const ModelSettings& settings,
                     MergeProblems& problems) {
  ModelGate merged;
  if (floor != nullptr) {
    merged = *floor;
    problems.CheckMode("model", floor->mode, settings.mode);
  }
  merged.mode = settings.mode.mode;
  std::string key;
  for (const ModelMetricSettings& metric : settings.metrics) {
    const auto known =
        std::find_if(merged.metrics.begin(), merged.metrics.end(), [&](const ModelMetric& each) {
          return each.metric == metric.metric;
        });
    const bool is_new = known == merged.metrics.end();
    if (is_new) {
      merged.metrics.emplace_back();
      merged.metrics.back().metric = metric.metric;
    }
    MetricMerge(metric, is_new, problems).Into(is_new ? merged.metrics.back() : *known);
    if (!metric.key || !metric.key->value) continue;
    if (!key.empty()) {
      problems.Add(metric.key->line, metric.key->column, "gate model: one metric is the key one");
    }
    key = metric.metric;
  }
  if (!key.empty()) {
    for (ModelMetric& metric : merged.metrics) metric.key = metric.metric == key;
  }
  std::stable_partition(merged.metrics.begin(),
                        merged.metrics.end(),
                        [](const ModelMetric& metric) { return metric.key; });
  return merged;
}

}  // namespace failgate
