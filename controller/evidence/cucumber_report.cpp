// Cucumber JSON as cucumber-js, cucumber-jvm, godog and behave write it: one case a scenario.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "controller/base/text.h"
#include "controller/evidence/case_counter.h"
#include "controller/evidence/case_sign.h"
#include "controller/evidence/dialects.h"

namespace failgate {
namespace {

using Json = nlohmann::json;

constexpr double kNanoseconds = 1e-9;
constexpr std::size_t kMaxDepth = 64;

/// What an object or a list is; everything else is passed over.
enum class Place {
  kFeatures,  ///< the list at the top
  kFeature,
  kElements,
  kElement,  ///< a scenario, or the background that runs before the next one
  kSteps,    ///< or the hooks of a scenario or a step
  kStep,
  kResult,
  kTags,
  kTag,
  kOther,
};

/// An object that is open: which of its keys were there, so that none is read twice.
struct Open {
  Place place = Place::kOther;
  std::vector<std::string> keys;
  bool judged = false;  ///< a step: it has a result with a status
};

/// A word nobody knows, and a step that was not looked for, show no success.
Sign SignOf(const std::string& status) {
  if (status == "passed") {
    return Sign::kPassed;
  }
  if (status == "skipped") {
    return Sign::kSkipped;
  }
  return status == "failed" || status == "ambiguous" ? Sign::kFailed : Sign::kError;
}

/// Every callback returns whether the parser goes on.
class CucumberSax final : public nlohmann::json_sax<Json> {
 public:
  bool null() override { return Value(); }
  bool boolean(bool /*value*/) override { return Value(); }
  bool binary(binary_t& /*value*/) override { return Value(); }
  bool number_integer(number_integer_t value) override {
    return Number(static_cast<double>(value) * kNanoseconds);
  }
  bool number_unsigned(number_unsigned_t value) override {
    return Number(static_cast<double>(value) * kNanoseconds);
  }
  /// behave counts in seconds, with a fraction.
  bool number_float(number_float_t value, const string_t& /*text*/) override {
    return Number(value);
  }
  bool string(string_t& value) override {
    switch (Here()) {
      case Place::kFeature:
        if (key_ == "name") feature_ = value;
        if (key_ == "status") feature_sign_ = SignOf(value);
        break;
      case Place::kElement:
        if (key_ == "name") name_ = value;
        if (key_ == "type") background_ = value == "background";
        if (key_ == "status") {
          left_out_ = SignOf(value) == Sign::kSkipped;
          Judge(SignOf(value));
        }
        break;
      case Place::kResult:
        if (key_ == "status") {
          open_[open_.size() - 2].judged = true;
          Judge(SignOf(value));
        }
        break;
      case Place::kStep:
        if (key_ == "keyword") NoteKeyword(value);
        break;
      case Place::kTag:
        if (key_ == "name") NoteTag(value);
        break;
      case Place::kTags:
        NoteTag(value);
        return true;
      case Place::kFeatures:
      case Place::kElements:
      case Place::kSteps:
      case Place::kOther:
        break;
    }
    return Value();
  }

  bool start_object(std::size_t /*elements*/) override {
    const Place place = ObjectHere();
    if (place == Place::kElement) {
      name_.clear();
      background_ = false;
      left_out_ = false;
      steps_ = 0;
      silent_steps_ = 0;
      marks_ = {};
      words_ = std::exchange(words_before_, 0);
      sign_ = std::exchange(before_, Sign::kPassed);
      seconds_ = 0;
    } else if (place == Place::kFeature) {
      feature_.clear();
      feature_sign_ = Sign::kPassed;
      feature_failed_ = false;
      before_ = Sign::kPassed;
      words_before_ = 0;
    }
    return Enter(place);
  }
  bool end_object() override {
    const Open closed = std::move(open_.back());
    open_.pop_back();
    if (closed.place == Place::kStep && !closed.judged) {
      ++silent_steps_;
    }
    if (closed.place == Place::kElement) {
      CloseElement();
    } else if (closed.place == Place::kFeature) {
      CloseFeature();
    }
    return true;
  }

  bool start_array(std::size_t /*elements*/) override {
    Place place = Place::kOther;
    if (open_.empty()) {
      place = Place::kFeatures;
    } else if (Here() == Place::kFeature && key_ == "elements") {
      place = Place::kElements;
    } else if (Here() == Place::kElement && key_ == "steps") {
      place = Place::kSteps;
      in_hooks_ = false;
    } else if ((Here() == Place::kElement || Here() == Place::kStep) &&
               (key_ == "before" || key_ == "after")) {
      place = Place::kSteps;
      in_hooks_ = true;
    } else if (Here() == Place::kElement && key_ == "tags") {
      place = Place::kTags;
    }
    return Enter(place);
  }
  bool end_array() override {
    open_.pop_back();
    return true;
  }

  bool key(string_t& value) override {
    key_ = value;
    Open& object = open_.back();
    if (object.place == Place::kOther) {
      return true;
    }
    if (std::find(object.keys.begin(), object.keys.end(), value) != object.keys.end()) {
      return Refuse(fmt::format("\"{}\" is there twice in one object", OneLine(value, 60)));
    }
    object.keys.push_back(value);
    return object.keys.size() <= kMaxKeys || Refuse("an object has too many keys");
  }

  bool parse_error(std::size_t position,
                   const std::string& /*token*/,
                   const nlohmann::detail::exception& /*error*/) override {
    return Refuse(fmt::format("not valid JSON at byte {}", position));
  }

  CaseCounter cases;
  std::string refusal;

 private:
  static constexpr std::size_t kMaxKeys = 64;

  [[nodiscard]] Place Here() const { return open_.empty() ? Place::kOther : open_.back().place; }

  [[nodiscard]] Place ObjectHere() const {
    switch (Here()) {
      case Place::kFeatures:
        return Place::kFeature;
      case Place::kElements:
        return Place::kElement;
      case Place::kSteps:
        return Place::kStep;
      case Place::kStep:
        return key_ == "result" ? Place::kResult : Place::kOther;
      case Place::kTags:
        return Place::kTag;
      case Place::kFeature:
      case Place::kElement:
      case Place::kResult:
      case Place::kTag:
      case Place::kOther:
        break;
    }
    return Place::kOther;
  }

  bool Enter(Place place) {
    if (open_.size() >= kMaxDepth) {
      return Refuse("it is nested too deeply");
    }
    // A list of something else in the place of features, scenarios or steps would hide them.
    const Place here = Here();
    const bool is_list =
        here == Place::kFeatures || here == Place::kElements || here == Place::kSteps;
    if (is_list && place == Place::kOther) {
      return Refuse("a feature, a scenario and a step are objects");
    }
    if (place == Place::kStep && !in_hooks_) {
      ++steps_;
    }
    open_.push_back(Open{place, {}, false});
    return true;
  }

  bool Value() {
    const Place here = Here();
    if (here == Place::kFeatures || here == Place::kElements || here == Place::kSteps) {
      return Refuse("a feature, a scenario and a step are objects");
    }
    const bool structure = (here == Place::kFeature && key_ == "elements") ||
                           (here == Place::kElement && key_ == "steps") ||
                           (here == Place::kStep && key_ == "result");
    return !structure || Refuse(fmt::format("\"{}\" holds a value", key_));
  }

  bool Number(double seconds) {
    if (Here() == Place::kResult && key_ == "duration" && seconds > 0) {
      seconds_ += seconds;
    }
    return Value();
  }

  /// "Given " "When " "Then ", in this order; "And" and "But" go on with the one before.
  void NoteKeyword(const std::string& keyword) {
    constexpr std::array<std::string_view, 3> kWords{"given", "when", "then"};
    if (words_ < kWords.size() && ToLower(Trim(keyword)) == kWords.at(words_)) {
      ++words_;
    }
    marks_.given_when_then = words_ == kWords.size();
  }

  /// "@real_calls" of cucumber, "real_calls" of behave.
  void NoteTag(std::string_view tag) {
    if (!tag.empty() && tag.front() == '@') {
      tag.remove_prefix(1);
    }
    marks_.real_call = marks_.real_call || tag == "real_call" || tag == "real_calls";
  }

  void Judge(Sign sign) { sign_ = std::max(sign_, sign); }

  void CloseElement() {
    if (background_) {
      before_ = sign_;  // behave tells no results here: it repeats these steps in each scenario
      words_before_ = words_;
      return;
    }
    // behave names what a tag leaves out, with its steps.
    const bool left_out = left_out_ && silent_steps_ == steps_;
    if (silent_steps_ > 0 && !left_out) {
      Judge(Sign::kError);
    }
    // Nothing was done, so nothing was shown.
    if (steps_ == 0) {
      Judge(Sign::kSkipped);
    }
    TestCase done;
    done.name = OneLine(name_, kShownCaseCharacters);
    done.class_name = OneLine(feature_, kShownCaseCharacters);
    done.outcome = OutcomeOf(sign_);
    done.seconds = seconds_;
    feature_failed_ = feature_failed_ || sign_ >= Sign::kError;
    cases.Add(std::move(done), marks_);
  }

  /// A hook of the feature itself may have failed, outside of all scenarios.
  void CloseFeature() {
    if (feature_sign_ >= Sign::kError && !feature_failed_) {
      TestCase broken;
      broken.name = OneLine(feature_, kShownCaseCharacters);
      broken.outcome = CaseOutcome::kError;
      cases.Add(std::move(broken), {});
    }
  }

  bool Refuse(std::string text) {
    if (refusal.empty()) {
      refusal = "Cucumber: " + std::move(text);
    }
    return false;
  }

  std::vector<Open> open_;
  std::string key_;
  std::string feature_;
  std::string name_;
  bool background_ = false;
  bool in_hooks_ = false;
  bool left_out_ = false;  ///< the scenario says itself that it was skipped
  bool feature_failed_ = false;
  Sign feature_sign_ = Sign::kPassed;
  long long steps_ = 0;
  long long silent_steps_ = 0;  ///< without a result
  std::size_t words_ = 0;       ///< of given, when, then
  CaseCounter::Marks marks_;
  Sign sign_ = Sign::kPassed;
  Sign before_ = Sign::kPassed;   ///< of the background before the next scenario
  std::size_t words_before_ = 0;  ///< as above
  double seconds_ = 0;
};

}  // namespace

Result<TestReport> ReadCucumber(std::string_view bytes) {
  CucumberSax sax;
  if (!Json::sax_parse(bytes.begin(), bytes.end(), &sax)) {
    return Refusal{"report_malformed", sax.refusal};
  }
  TestReport report = sax.cases.Take();
  if (report.total() == 0) {
    return Refusal{"report_empty", "the report holds no scenario: no test ran"};
  }
  return report;
}

}  // namespace failgate
