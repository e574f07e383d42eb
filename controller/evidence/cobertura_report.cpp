// Cobertura XML as coverage.py and gcovr write it.
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "controller/base/text.h"
#include "controller/evidence/covered_path.h"
#include "controller/evidence/dialects.h"
#include "controller/evidence/xml_reader.h"

namespace failgate {
namespace {

struct Branches {
  int covered = 0;
  int total = 0;
};

/// "50% (1/2)"; the percentage is not looked at. nullopt for anything else.
std::optional<Branches> ParseConditions(std::string_view text) {
  const std::size_t open = text.find('(');
  const std::size_t slash = text.find('/');
  const std::size_t close = text.find(')');
  if (open == std::string_view::npos || slash == std::string_view::npos ||
      close == std::string_view::npos || open > slash || slash > close) {
    return std::nullopt;
  }
  const auto covered = ParseNonNegative(text.substr(open + 1, slash - open - 1));
  const auto total = ParseNonNegative(text.substr(slash + 1, close - slash - 1));
  if (!covered || !total || *covered > *total || *total > 1000000) {
    return std::nullopt;
  }
  return Branches{static_cast<int>(*covered), static_cast<int>(*total)};
}

class CoberturaHandler final : public XmlHandler {
 public:
  explicit CoberturaHandler(std::string_view workspace) : workspace_(workspace) {}

  std::optional<Refusal> Start(const XmlElement& element) override {
    path_.push_back(element.name);
    if (element.name == "source") {
      sources_.emplace_back();
    } else if (element.name == "packages" && path_.size() == 2) {
      seen_packages = true;
    } else if (element.name == "class") {
      return OpenClass(element);
    } else if (element.name == "line") {
      return ReadLine(element);
    }
    return std::nullopt;
  }

  std::optional<Refusal> End(std::string_view name) override {
    path_.pop_back();
    if (name == "class") {
      lines_ = nullptr;
      in_class_ = false;
    } else if (name == "source") {
      sources_.back() = std::string(Trim(sources_.back()));
    }
    return std::nullopt;
  }

  void Text(const std::string& text) override { sources_.back() += text; }
  [[nodiscard]] bool WantsText() const override {
    return !path_.empty() && path_.back() == "source";
  }

  CoverageReport report;
  std::set<std::string> outside;
  bool seen_packages = false;

 private:
  std::optional<Refusal> OpenClass(const XmlElement& element) {
    const auto file = element.Find("filename");
    if (!file || file->empty() || in_class_) {
      return Refusal{"report_malformed", "Cobertura: a class without a file name of its own"};
    }
    in_class_ = true;
    const auto path = RepositoryPathBelow(sources_, *file, workspace_);
    if (path) {
      lines_ = &report.files[*path];
    } else {
      outside.insert(*file);
    }
    if (report.files.size() + outside.size() > kMaxCoveredFiles) {
      return Refusal{"report_too_large", "the report measures too many files"};
    }
    return std::nullopt;
  }

  std::optional<Refusal> ReadLine(const XmlElement& element) {
    const auto number = ParseNonNegative(element.Find("number").value_or(""));
    const auto hits = ParseNonNegative(element.Find("hits").value_or(""));
    if (!in_class_ || !number || !hits) {
      return Refusal{"report_malformed", "Cobertura: a line without class, number or hits"};
    }
    Branches branches;
    if (const auto conditions = element.Find("condition-coverage")) {
      const auto parsed = ParseConditions(*conditions);
      if (!parsed) {
        return Refusal{"report_malformed",
                       fmt::format("Cobertura: condition-coverage \"{}\" cannot be read",
                                   OneLine(*conditions, 60))};
      }
      branches = *parsed;
    }
    if (lines_ == nullptr || *number == 0) {
      return std::nullopt;
    }
    const auto [line, added] = lines_->try_emplace(*number);
    if (added && ++line_count_ > kMaxCoveredLines) {
      return Refusal{"report_too_large", "the report measures too many lines"};
    }
    // The same line stands under its method and under its class: not two measurements.
    line->second.hits = std::max(line->second.hits, std::min(*hits, kMaxHits));
    if (branches.total > line->second.branches_total ||
        (branches.total == line->second.branches_total &&
         branches.covered > line->second.branches_covered)) {
      line->second.branches_total = branches.total;
      line->second.branches_covered = branches.covered;
    }
    return std::nullopt;
  }

  std::string_view workspace_;
  std::vector<std::string_view> path_;
  std::vector<std::string> sources_;
  std::map<long long, LineCoverage>* lines_ = nullptr;
  bool in_class_ = false;
  std::size_t line_count_ = 0;
};

}  // namespace

Result<CoverageReport> ReadCobertura(std::string_view bytes, std::string_view workspace) {
  CoberturaHandler handler(workspace);
  if (auto refusal = ReadXml(bytes, handler)) {
    return *refusal;
  }
  if (!handler.seen_packages) {
    return Refusal{"report_unknown", "<coverage> without <packages> is not a Cobertura report"};
  }
  handler.report.files_outside = static_cast<long long>(handler.outside.size());
  return std::move(handler.report);
}

}  // namespace failgate
