#include "policies/gates/stability.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "controller/base/text.h"
#include "policies/gates/measured_metrics.h"

namespace failgate {
namespace {

constexpr long long kMaxSeeds = 1000;
constexpr double kMaxSpread = 1e300;
constexpr std::size_t kShownName = 80;

struct Seeds {
  std::vector<double> values = {};
  std::string fault = {};  ///< what speaks against believing them
  std::string waits = {};
};

/// "auc[seed=7]" after its start; "07" would be a second name of one seed.
bool IsSeed(std::string_view rest) {
  if (rest.size() < 2 || rest.back() != ']') return false;
  rest.remove_suffix(1);
  return ParseNonNegative(rest).has_value() && (rest.size() == 1 || rest.front() != '0');
}

Seeds SeedsOf(const MeasuredMetrics& measured, const std::string& metric) {
  Seeds seeds;
  seeds.waits = measured.waits();
  seeds.fault = measured.failed();
  const std::string start = metric + "[seed=";
  for (const std::string& name : measured.CandidatesFrom(start)) {
    if (!IsSeed(std::string_view(name).substr(start.size()))) continue;
    const auto value = measured.Candidate(name);
    if (!value.number) {
      if (seeds.fault.empty()) seeds.fault = OneLine(name, kShownName) + " " + value.fault;
      continue;
    }
    seeds.values.push_back(*value.number);
  }
  return seeds;
}

Seeds Measured(const StabilityGate& gate,
               const std::vector<OperationsCheck>& checks,
               const Facts& facts) {
  const MeasuredMetrics of_checks(checks, facts);
  Seeds seeds = SeedsOf(of_checks, gate.metric);
  const bool none = seeds.values.empty() && seeds.fault.empty() && seeds.waits.empty();
  return none && of_checks.of_checks() ? SeedsOf(MeasuredMetrics({}, facts), gate.metric) : seeds;
}

double SpreadOf(const std::vector<double>& values) {
  const auto ends = std::minmax_element(values.begin(), values.end());
  return *ends.second - *ends.first;
}

}  // namespace

StabilitySettings ReadStabilitySettings(const YamlNode& node, ProblemSink& problems) {
  StabilitySettings settings;
  settings.line = node.line;
  settings.column = node.column;
  MappingReader reader(node, "gates.stability", problems);
  settings.mode = ReadMode(reader, node);
  settings.metric = WrittenAt(node.Find("metric"), reader.String("metric"));
  settings.seeds = WrittenAt(node.Find("seeds"), reader.Integer("seeds", 2, kMaxSeeds));
  settings.max_spread =
      WrittenAt(node.Find("max_spread"), reader.Number("max_spread", 0, kMaxSpread));
  reader.Finish();
  if (settings.metric &&
      (settings.metric->value.empty() || settings.metric->value.find('[') != std::string::npos)) {
    problems.Add(*node.Find("metric"),
                 "gates.stability.metric: must name a metric without a slice");
  }
  return settings;
}

StabilityGate MergeStability(const StabilityGate* floor,
                             const StabilitySettings& settings,
                             MergeProblems& problems) {
  StabilityGate merged;
  if (floor != nullptr) {
    merged = *floor;
    problems.CheckMode("stability", floor->mode, settings.mode);
  } else if (!settings.metric || !settings.seeds || !settings.max_spread) {
    problems.Add(
        settings.line, settings.column, "gate stability needs metric, seeds and max_spread");
  }
  merged.mode = settings.mode.mode;
  if (settings.metric) {
    if (floor != nullptr && settings.metric->value != floor->metric) {
      problems.AddLoosening(settings.metric->line,
                            settings.metric->column,
                            "stability: another metric",
                            "metric: " + OneLine(floor->metric, kShownName));
    }
    merged.metric = settings.metric->value;
  }
  if (settings.seeds) {
    if (floor != nullptr && settings.seeds->value < floor->seeds) {
      problems.AddLoosening(settings.seeds->line,
                            settings.seeds->column,
                            fmt::format("stability: seeds {}", settings.seeds->value),
                            fmt::format("seeds: {}", floor->seeds));
    }
    merged.seeds = settings.seeds->value;
  }
  if (settings.max_spread) {
    if (floor != nullptr && settings.max_spread->value > floor->max_spread) {
      problems.AddLoosening(
          settings.max_spread->line,
          settings.max_spread->column,
          fmt::format("stability: max_spread {}", FormatNumber(settings.max_spread->value)),
          fmt::format("max_spread: {}", FormatNumber(floor->max_spread)));
    }
    merged.max_spread = settings.max_spread->value;
  }
  return merged;
}

GateVerdict EvaluateStability(const StabilityGate& gate,
                              const std::vector<OperationsCheck>& checks,
                              const Facts& facts) {
  GateVerdict verdict{"stability", gate.mode, Verdict::kFail, {}, std::nullopt};
  const Seeds seeds = Measured(gate, checks, facts);
  const std::string metric = OneLine(gate.metric, kShownName);
  if (!seeds.fault.empty()) {
    verdict.reason = seeds.fault;
    return verdict;
  }
  if (!seeds.waits.empty()) {
    verdict.verdict = Verdict::kWait;
    verdict.reason = seeds.waits;
    return verdict;
  }
  if (seeds.values.empty() || static_cast<long long>(seeds.values.size()) < gate.seeds) {
    verdict.reason = fmt::format(
        "{} was measured with {} seeds of the {} that are needed ({}[seed=1] and so on)",
        metric,
        seeds.values.size(),
        gate.seeds,
        metric);
    return verdict;
  }
  const double spread = SpreadOf(seeds.values);
  const auto ends = std::minmax_element(seeds.values.begin(), seeds.values.end());
  // What is told in decimals may be off by the rounding of two numbers, and by no more.
  const double rounding = 2 * std::numeric_limits<double>::epsilon() *
                          std::max(std::fabs(*ends.first), std::fabs(*ends.second));
  // Written so that what is no number does not pass.
  const bool holds =
      std::isfinite(spread) && gate.seeds >= 2 &&
      (spread <= gate.max_spread || (gate.max_spread > 0 && spread <= gate.max_spread + rounding));
  verdict.verdict = holds ? Verdict::kPass : Verdict::kFail;
  verdict.reason =
      fmt::format("{} from {} to {} over {} seeds{}",
                  metric,
                  FormatNumber(*ends.first),
                  FormatNumber(*ends.second),
                  seeds.values.size(),
                  holds ? "" : ": further apart than " + FormatNumber(gate.max_spread));
  return verdict;
}

bool StabilityIsJudged(const StabilityGate& gate,
                       const std::vector<OperationsCheck>& checks,
                       const Facts& facts) {
  const Seeds seeds = Measured(gate, checks, facts);
  return seeds.fault.empty() && seeds.waits.empty() && !seeds.values.empty() &&
         static_cast<long long>(seeds.values.size()) >= gate.seeds &&
         std::isfinite(SpreadOf(seeds.values));
}

}  // namespace failgate
