// LCOV tracefiles as lcov, coverage.py and node write them.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <vector>

#include "controller/base/text.h"
#include "controller/evidence/covered_path.h"
#include "controller/evidence/dialects.h"

namespace failgate {
namespace {

/// Counted or of no use here; LF and LH are never believed.
constexpr std::array<std::string_view, 15> kSkippedWords{"TN",
                                                         "VER",
                                                         "FN",
                                                         "FNDA",
                                                         "FNF",
                                                         "FNH",
                                                         "FNL",
                                                         "FNA",
                                                         "BRF",
                                                         "BRH",
                                                         "LF",
                                                         "LH",
                                                         "MCDC",
                                                         "MCF",
                                                         "MCH"};

class LcovReader {
 public:
  explicit LcovReader(std::string_view workspace) : workspace_(workspace) {}

  std::optional<Refusal> Read(std::string_view bytes) {
    while (!bytes.empty()) {
      ++number_;
      const std::size_t end = std::min(bytes.find('\n'), bytes.size());
      std::string_view line = bytes.substr(0, end);
      bytes.remove_prefix(std::min(end + 1, bytes.size()));
      if (!line.empty() && line.back() == '\r') {
        line.remove_suffix(1);
      }
      if (line.empty() || line.front() == '#') {
        continue;
      }
      if (auto refusal = ReadLine(line)) {
        return refusal;
      }
    }
    return in_record_ ? std::optional(Bad("the last record has no end_of_record")) : std::nullopt;
  }

  CoverageReport Take() {
    for (const auto& [path, lines] : branches_) {
      auto& measured = report_.files[path];
      for (const auto& [line, taken] : lines) {
        const auto found = measured.find(line);
        if (found == measured.end()) {
          continue;
        }
        found->second.branches_total = static_cast<int>(taken.size());
        found->second.branches_covered = static_cast<int>(std::count_if(
            taken.begin(), taken.end(), [](const auto& branch) { return branch.second; }));
      }
    }
    report_.files_outside = static_cast<long long>(outside_.size());
    return std::move(report_);
  }

 private:
  [[nodiscard]] Refusal Bad(std::string_view what) const {
    return Refusal{"report_malformed", fmt::format("LCOV line {}: {}", number_, what)};
  }

  std::optional<Refusal> ReadLine(std::string_view line) {
    if (line == "end_of_record") {
      if (!in_record_) {
        return Bad("end_of_record without SF");
      }
      in_record_ = false;
      path_.reset();
      return std::nullopt;
    }
    const std::size_t colon = line.find(':');
    const std::string_view word = line.substr(0, colon);
    const std::string_view value =
        colon == std::string_view::npos ? std::string_view() : line.substr(colon + 1);
    if (word == "SF") {
      return OpenRecord(value);
    }
    if (word == "DA") {
      return ReadHits(value);
    }
    if (word == "BRDA") {
      return ReadBranch(value);
    }
    if (colon == std::string_view::npos ||
        std::find(kSkippedWords.begin(), kSkippedWords.end(), word) == kSkippedWords.end()) {
      return Bad(fmt::format("\"{}\" is not understood", OneLine(word, 40)));
    }
    return std::nullopt;
  }

  std::optional<Refusal> OpenRecord(std::string_view file) {
    if (in_record_ || file.empty() || !IsUtf8(file)) {
      return Bad(in_record_ ? "SF inside a record" : "SF without a path");
    }
    in_record_ = true;
    path_ = RepositoryPath(file, workspace_);
    if (!path_) {
      outside_.emplace(file);
    } else {
      report_.files.try_emplace(*path_);
    }
    if (report_.files.size() + outside_.size() > kMaxCoveredFiles) {
      return Refusal{"report_too_large", "the report measures too many files"};
    }
    return std::nullopt;
  }

  /// DA:line,hits[,checksum]
  std::optional<Refusal> ReadHits(std::string_view value) {
    const std::vector<std::string> fields = Split(value, ',');
    if (!in_record_ || fields.size() < 2 || fields.size() > 3) {
      return Bad("DA must be inside a record and read DA:line,hits");
    }
    const auto line = ParseNonNegative(fields[0]);
    const auto hits = ParseNonNegative(fields[1]);
    if (!line || !hits) {
      return Bad("DA must hold a line number and a hit count");
    }
    if (!path_ || *line == 0) {
      return std::nullopt;
    }
    const auto [measured, added] = report_.files[*path_].try_emplace(*line);
    if (added && ++entries_ > kMaxCoveredLines) {
      return Refusal{"report_too_large", "the report measures too many lines"};
    }
    // The same file comes once for each test program: its hits add up.
    measured->second.hits = std::min(measured->second.hits + std::min(*hits, kMaxHits), kMaxHits);
    return std::nullopt;
  }

  /// BRDA:line,block,branch,taken; taken is '-' when the line was never reached. coverage.py writes
  /// line 0 for exits.
  std::optional<Refusal> ReadBranch(std::string_view value) {
    const std::size_t first = value.find(',');
    const std::size_t last = value.rfind(',');
    if (!in_record_ || first == std::string_view::npos || first == last) {
      return Bad("BRDA must be inside a record and read BRDA:line,block,branch,taken");
    }
    const auto line = ParseNonNegative(value.substr(0, first));
    const std::string_view taken = value.substr(last + 1);
    const auto count = taken == "-" ? std::optional<long long>(0) : ParseNonNegative(taken);
    if (!line || !count) {
      return Bad("BRDA must hold a line number and how often the branch was taken");
    }
    if (!path_ || *line == 0) {
      return std::nullopt;
    }
    const std::string key(value.substr(first + 1, last - first - 1));
    const auto [branch, added] = branches_[*path_][*line].try_emplace(key, false);
    if (added && ++entries_ > kMaxCoveredLines) {
      return Refusal{"report_too_large", "the report measures too many branches"};
    }
    branch->second = branch->second || *count > 0;
    return std::nullopt;
  }

  std::string_view workspace_;
  std::size_t number_ = 0;
  std::size_t entries_ = 0;
  bool in_record_ = false;
  std::optional<std::string> path_;  ///< of the open record; nullopt = outside the repository
  CoverageReport report_;
  std::map<std::string, std::map<long long, std::map<std::string, bool>>> branches_;
  std::set<std::string> outside_;
};

}  // namespace

Result<CoverageReport> ReadLcov(std::string_view bytes, std::string_view workspace) {
  LcovReader reader(workspace);
  if (auto refusal = reader.Read(bytes)) {
    return *refusal;
  }
  return reader.Take();
}

}  // namespace failgate
