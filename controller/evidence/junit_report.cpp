// JUnit XML as pytest, gtest, ctest, node and Surefire write it.
#include <fmt/format.h>

#include <string>
#include <vector>

#include "controller/base/text.h"
#include "controller/evidence/case_counter.h"
#include "controller/evidence/case_sign.h"
#include "controller/evidence/dialects.h"
#include "controller/evidence/xml_reader.h"

namespace failgate {
namespace {

Sign Worse(Sign a, Sign b) {
  return a < b ? b : a;
}

/// `status` of ctest and gtest, `result` of gtest. A word nobody knows shows no success.
Sign SignOfWord(std::string_view word) {
  for (const std::string_view good :
       {"", "run", "completed", "passed", "pass", "success", "successful", "ok"}) {
    if (word == good) {
      return Sign::kPassed;
    }
  }
  for (const std::string_view not_run :
       {"notrun", "disabled", "suppressed", "skipped", "skip", "ignored", "pending", "todo"}) {
    if (word == not_run) {
      return Sign::kSkipped;
    }
  }
  return word == "fail" || word == "failed" || word == "failure" ? Sign::kFailed : Sign::kError;
}

/// flakyFailure and flakyError belong to a case that passed in the end, rerunFailure and rerunError
/// come with a failure of their own (Surefire).
Sign SignOfChild(std::string_view name) {
  if (name == "failure") {
    return Sign::kFailed;
  }
  if (name == "error") {
    return Sign::kError;
  }
  return name == "skipped" ? Sign::kSkipped : Sign::kPassed;
}

class JunitHandler final : public XmlHandler {
 public:
  std::optional<Refusal> Start(const XmlElement& element) override {
    const std::string_view parent = path_.empty() ? std::string_view() : path_.back();
    const bool in_suite = parent == "testsuite" || parent == "testsuites";
    if (element.name == "testcase" || element.name == "testsuite") {
      if (!in_suite && !(path_.empty() && element.name == "testsuite")) {
        return Refusal{
            "report_malformed",
            fmt::format("JUnit: <{}> stands inside <{}>", element.name, OneLine(parent, 60))};
      }
    }
    if (element.name == "testcase") {
      OpenCase(element);
    } else if (IsPropertyOfCase(element)) {
      real_call_ = real_call_ || MarksRealCall(element);
    } else if (parent == "testcase") {
      sign_ = Worse(sign_, SignOfChild(element.name));
    } else if (in_suite && (element.name == "failure" || element.name == "error")) {
      // A suite that broke outside of its cases.
      current_ = TestCase{std::string(element.name), "", CaseOutcome::kError, 0};
      sign_ = Sign::kError;
      CloseCase();
    }
    path_.push_back(element.name);
    return std::nullopt;
  }

  std::optional<Refusal> End(std::string_view name) override {
    path_.pop_back();
    if (name == "testcase") {
      CloseCase();
    }
    return std::nullopt;
  }

  CaseCounter cases;

 private:
  [[nodiscard]] bool IsPropertyOfCase(const XmlElement& element) const {
    const std::size_t depth = path_.size();
    return element.name == "property" && depth >= 2 && path_[depth - 1] == "properties" &&
           path_[depth - 2] == "testcase";
  }

  /// <property name="real_calls" value="true"/>, as pytest's record_property writes it.
  static bool MarksRealCall(const XmlElement& element) {
    const std::string name = ToLower(element.Find("name").value_or(""));
    const std::string value = ToLower(element.Find("value").value_or(""));
    return (name == "real_call" || name == "real_calls") && !value.empty() && value != "false" &&
           value != "no" && value != "0";
  }

  void OpenCase(const XmlElement& element) {
    current_ = TestCase();
    real_call_ = false;
    current_.name = OneLine(element.Find("name").value_or(""), kShownCaseCharacters);
    current_.class_name = OneLine(element.Find("classname").value_or(""), kShownCaseCharacters);
    const double seconds = ParseNumber(element.Find("time").value_or("")).value_or(0);
    current_.seconds = seconds > 0 ? seconds : 0;
    sign_ = Worse(SignOfWord(ToLower(element.Find("status").value_or(""))),
                  SignOfWord(ToLower(element.Find("result").value_or(""))));
    if (element.Find("failure")) {
      sign_ = Worse(sign_, Sign::kFailed);
    }
  }

  void CloseCase() {
    current_.outcome = OutcomeOf(sign_);
    cases.Add(std::move(current_), {real_call_, false});
    current_ = TestCase();
    sign_ = Sign::kPassed;
    real_call_ = false;
  }

  std::vector<std::string_view> path_;
  TestCase current_;
  Sign sign_ = Sign::kPassed;
  bool real_call_ = false;
};

}  // namespace

Result<TestReport> ReadJunit(std::string_view bytes) {
  JunitHandler handler;
  if (auto refusal = ReadXml(bytes, handler)) {
    return *refusal;
  }
  TestReport report = handler.cases.Take();
  if (report.total() == 0) {
    return Refusal{"report_empty", "the report holds no test case: no test ran"};
  }
  return report;
}

}  // namespace failgate
