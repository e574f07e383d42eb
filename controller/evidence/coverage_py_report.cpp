// The JSON of coverage.py: lists of lines and branches a file; its percentages mix both.
#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "controller/base/text.h"
#include "controller/evidence/covered_path.h"
#include "controller/evidence/dialects.h"

namespace failgate {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMaxDepth = 64;
constexpr std::size_t kFileDepth = 2;  // the object "files"
constexpr std::size_t kListDepth = 4;  // a list of a file
constexpr std::size_t kPairDepth = 5;  // a branch: from line, to line

/// Reads files.PATH.{executed_lines, missing_lines, executed_branches, missing_branches} and passes
/// over everything else. Every callback returns whether the parser goes on.
class CoveragePySax final : public nlohmann::json_sax<Json> {
 public:
  explicit CoveragePySax(std::string_view workspace) : workspace_(workspace) {}

  bool null() override { return Other(); }
  bool boolean(bool /*value*/) override { return Other(); }
  bool string(string_t& /*value*/) override { return Other(); }
  bool binary(binary_t& /*value*/) override { return Other(); }
  bool number_float(number_float_t /*value*/, const string_t& /*text*/) override { return Other(); }
  bool number_integer(number_integer_t value) override { return Number(value); }
  bool number_unsigned(number_unsigned_t value) override {
    return Number(static_cast<long long>(std::min<number_unsigned_t>(value, kMaxHits)));
  }

  bool start_object(std::size_t /*elements*/) override {
    if (IsList()) {
      return Refuse("a list of lines holds an object");
    }
    return Enter();
  }
  bool end_object() override { return Leave(); }
  bool start_array(std::size_t /*elements*/) override {
    pair_.clear();
    return Enter();
  }
  bool end_array() override {
    if (names_.size() == kPairDepth && IsBranches()) {
      if (pair_.size() != 2) {
        return Refuse("a branch is two line numbers");
      }
      AddBranch();
    }
    return Leave();
  }

  bool key(string_t& value) override {
    names_.back() = value;
    if (names_.size() == 1) {
      return value != "files" || !std::exchange(has_files, true) || Refuse("files is there twice");
    }
    if (names_.size() == kFileDepth && names_[0] == "files") {
      return OpenFile(value);
    }
    if (names_.size() == kFileDepth + 1 && names_[0] == "files" && !lists_.insert(value).second) {
      return Refuse(fmt::format("\"{}\" is there twice", OneLine(value, 60)));
    }
    return true;
  }

  bool parse_error(std::size_t position,
                   const std::string& /*token*/,
                   const nlohmann::detail::exception& /*error*/) override {
    return Refuse(fmt::format("not valid JSON at byte {}", position));
  }

  CoverageReport report;
  std::set<std::string> outside;
  bool has_files = false;
  Refusal refusal{"report_malformed", ""};

 private:
  /// Names are of the objects that are open; a list has none.
  bool Enter() {
    names_.emplace_back();
    return names_.size() <= kMaxDepth || Refuse("it is nested too deeply");
  }
  bool Leave() {
    names_.pop_back();
    return true;
  }
  /// Inside one of a file's lists.
  [[nodiscard]] bool IsList() const {
    return names_.size() >= kListDepth && names_[0] == "files" && (IsLines() || IsBranches());
  }
  [[nodiscard]] const std::string& ListName() const { return names_[kFileDepth]; }
  [[nodiscard]] bool IsLines() const {
    return ListName() == "executed_lines" || ListName() == "missing_lines";
  }
  [[nodiscard]] bool IsBranches() const {
    return ListName() == "executed_branches" || ListName() == "missing_branches";
  }

  bool OpenFile(const std::string& name) {
    lists_.clear();
    if (report.files.size() + outside.size() >= kMaxCoveredFiles) {
      refusal.code = "report_too_large";
      return Refuse("the report measures too many files");
    }
    const auto path = RepositoryPath(name, workspace_);
    if (!path) {
      outside.insert(name);
      lines_ = nullptr;
      return true;
    }
    const auto [file, added] = report.files.try_emplace(*path);
    lines_ = &file->second;
    return added || Refuse(fmt::format("{} is there twice", OneLine(*path, 100)));
  }

  bool Other() { return !IsList() || Refuse("a list of lines holds no number"); }

  bool Number(long long value) {
    if (!IsList()) {
      return true;
    }
    if (names_.size() == kPairDepth && IsBranches()) {
      pair_.push_back(value);
      return pair_.size() <= 2 || Refuse("a branch is two line numbers");
    }
    if (names_.size() != kListDepth || !IsLines()) {
      return Refuse("a list of branches holds a number");
    }
    if (lines_ == nullptr || value <= 0) {
      return true;
    }
    const auto [line, added] = lines_->try_emplace(value);
    if (!Count()) {
      return false;
    }
    if (ListName() == "executed_lines") {
      line->second.hits = 1;
    }
    return true;
  }

  void AddBranch() {
    if (lines_ == nullptr || pair_[0] <= 0 || !Count()) {
      return;
    }
    LineCoverage& line = (*lines_)[pair_[0]];
    ++line.branches_total;
    line.branches_covered += ListName() == "executed_branches" ? 1 : 0;
  }

  bool Count() {
    if (++entries_ > kMaxCoveredLines) {
      refusal.code = "report_too_large";
      return Refuse("the report measures too many lines");
    }
    return true;
  }

  bool Refuse(std::string text) {
    if (refusal.text.empty()) {
      refusal.text = "coverage.py JSON: " + std::move(text);
    }
    return false;
  }

  std::string_view workspace_;
  std::vector<std::string> names_;
  std::set<std::string> lists_;  ///< of the file that is open
  std::map<long long, LineCoverage>* lines_ = nullptr;
  std::vector<long long> pair_;
  std::size_t entries_ = 0;
};

}  // namespace

Result<CoverageReport> ReadCoveragePy(std::string_view bytes, std::string_view workspace) {
  CoveragePySax sax(workspace);
  if (!Json::sax_parse(bytes.begin(), bytes.end(), &sax)) {
    return sax.refusal;
  }
  if (!sax.has_files) {
    return Refusal{"report_unknown", "a JSON object without \"files\" is no coverage report"};
  }
  sax.report.files_outside = static_cast<long long>(sax.outside.size());
  return std::move(sax.report);
}

}  // namespace failgate
