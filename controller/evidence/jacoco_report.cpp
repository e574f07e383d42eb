// JaCoCo XML as its Maven and Gradle plugins write it.
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

constexpr int kMaxBranches = 1000000;  // of one line

class JacocoHandler final : public XmlHandler {
 public:
  explicit JacocoHandler(std::string_view workspace) : workspace_(workspace) {}

  std::optional<Refusal> Start(const XmlElement& element) override {
    const std::string_view parent = path_.empty() ? std::string_view() : path_.back();
    path_.push_back(element.name);
    if (element.name == "group") {
      groups_.push_back(element.Find("name").value_or(""));
    } else if (element.name == "package" && (parent == "report" || parent == "group")) {
      package_ = element.Find("name").value_or("");
    } else if (element.name == "sourcefile") {
      return OpenFile(element, parent);
    } else if (element.name == "line") {
      return ReadLine(element, parent);
    }
    return std::nullopt;
  }

  std::optional<Refusal> End(std::string_view name) override {
    path_.pop_back();
    if (name == "sourcefile") {
      lines_ = nullptr;
    } else if (name == "group") {
      groups_.pop_back();
    }
    return std::nullopt;
  }

  CoverageReport report;
  std::set<std::string> outside;

 private:
  std::optional<Refusal> OpenFile(const XmlElement& element, std::string_view parent) {
    const std::string name = element.Find("name").value_or("");
    if (parent != "package" || name.empty()) {
      return Refusal{"report_malformed", "JaCoCo: a sourcefile without package or name"};
    }
    // The source root is not told: whoever compares with the repository finds it. Two modules may
    // have a file of one name, so that the module belongs to it: "MODULE:/PACKAGE/NAME".
    std::string file;
    for (std::string module : groups_) {
      std::replace(module.begin(), module.end(), '/', '-');
      file += module + ":/";
    }
    file += package_.empty() ? name : package_ + "/" + name;
    if (const auto path = RepositoryPath(file, workspace_)) {
      lines_ = &report.files[*path];
    } else {
      outside.insert(file);
    }
    if (report.files.size() + outside.size() > kMaxCoveredFiles) {
      return Refusal{"report_too_large", "the report measures too many files"};
    }
    return std::nullopt;
  }

  std::optional<Refusal> ReadLine(const XmlElement& element, std::string_view parent) {
    const auto count = [&](const char* name) {
      return ParseNonNegative(element.Find(name).value_or(""));
    };
    const auto number = count("nr");
    const auto missed = count("mi");
    const auto covered = count("ci");
    const auto missed_branches = count("mb");
    const auto covered_branches = count("cb");
    if (parent != "sourcefile" || !number || !missed || !covered || !missed_branches ||
        !covered_branches || *missed_branches > kMaxBranches || *covered_branches > kMaxBranches) {
      return Refusal{"report_malformed", "JaCoCo: a line without nr, mi, ci, mb or cb"};
    }
    if (lines_ == nullptr || *number == 0) {
      return std::nullopt;
    }
    const auto [line, added] = lines_->try_emplace(*number);
    if (added && ++line_count_ > kMaxCoveredLines) {
      return Refusal{"report_too_large", "the report measures too many lines"};
    }
    // Groups may hold one file twice.
    LineCoverage& known = line->second;
    known.hits = std::max(known.hits, std::min(*covered, kMaxHits));
    known.branches_total =
        std::max(known.branches_total, static_cast<int>(*missed_branches + *covered_branches));
    known.branches_covered = std::max(known.branches_covered, static_cast<int>(*covered_branches));
    return std::nullopt;
  }

  std::string_view workspace_;
  std::vector<std::string_view> path_;
  std::vector<std::string> groups_;
  std::string package_;
  std::map<long long, LineCoverage>* lines_ = nullptr;
  std::size_t line_count_ = 0;
};

}  // namespace

Result<CoverageReport> ReadJacoco(std::string_view bytes, std::string_view workspace) {
  JacocoHandler handler(workspace);
  if (auto refusal = ReadXml(bytes, handler)) {
    return *refusal;
  }
  handler.report.files_outside = static_cast<long long>(handler.outside.size());
  return std::move(handler.report);
}

}  // namespace failgate
