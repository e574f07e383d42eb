// Metrics: one flat JSON object of finite numbers.
#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <string>

#include "controller/base/text.h"
#include "controller/evidence/dialects.h"

namespace failgate {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMaxNameBytes = 200;

/// Every callback returns whether the parser goes on.
class MetricsSax final : public nlohmann::json_sax<Json> {
 public:
  bool null() override { return RefuseValue("null"); }
  bool boolean(bool /*value*/) override { return RefuseValue("true or false"); }
  bool string(string_t& /*value*/) override { return RefuseValue("a text"); }
  bool binary(binary_t& /*value*/) override { return RefuseValue("binary"); }
  bool number_integer(number_integer_t value) override {
    return AddMetric(static_cast<double>(value));
  }
  bool number_unsigned(number_unsigned_t value) override {
    return AddMetric(static_cast<double>(value));
  }
  bool number_float(number_float_t value, const string_t& /*text*/) override {
    return AddMetric(value);
  }
  bool start_array(std::size_t /*elements*/) override {
    return in_object_ ? RefuseValue("a list") : Refuse("metrics must be a flat JSON object");
  }
  bool end_array() override { return false; }
  bool start_object(std::size_t /*elements*/) override {
    if (in_object_) {
      return RefuseValue("an object");
    }
    in_object_ = true;
    return true;
  }
  bool end_object() override { return true; }

  bool key(string_t& value) override {
    if (value.empty() || value.size() > kMaxNameBytes || EscapeControls(value) != value) {
      return Refuse("the name of a metric is 1 to 200 bytes without control characters");
    }
    if (metrics.count(value) > 0) {
      return Refuse(fmt::format("metric \"{}\" is there twice", value));
    }
    if (metrics.size() >= kMaxMetrics) {
      return Refuse(fmt::format("more than {} metrics", kMaxMetrics));
    }
    name_ = value;
    return true;
  }

  bool parse_error(std::size_t position,
                   const std::string& /*token*/,
                   const nlohmann::detail::exception& /*error*/) override {
    return Refuse(
        fmt::format("not valid JSON at byte {} (NaN and Infinity are not JSON)", position));
  }

  MetricsReport metrics;
  std::string refusal;

 private:
  bool Refuse(std::string text) {
    refusal = std::move(text);
    return false;
  }

  bool RefuseValue(std::string_view found) {
    return Refuse(in_object_ ? fmt::format("metric \"{}\" must be a number, not {}", name_, found)
                             : "metrics must be a flat JSON object");
  }

  bool AddMetric(double value) {
    if (!in_object_) {
      return Refuse("metrics must be a flat JSON object");
    }
    if (!std::isfinite(value)) {
      return Refuse(fmt::format("metric \"{}\" is not a finite number", name_));
    }
    metrics.emplace(name_, value);
    return true;
  }

  bool in_object_ = false;
  std::string name_;
};

}  // namespace

Result<MetricsReport> ReadMetrics(std::string_view bytes) {
  MetricsSax sax;
  if (!Json::sax_parse(bytes.begin(), bytes.end(), &sax)) {
    return Refusal{"report_malformed", sax.refusal};
  }
  if (sax.metrics.empty()) {
    return Refusal{"report_empty", "the report holds no metric"};
  }
  return std::move(sax.metrics);
}

}  // namespace failgate
