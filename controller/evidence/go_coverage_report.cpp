// Coverage profiles of Go: "mode: set", then one block of statements a line.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "controller/base/text.h"
#include "controller/evidence/covered_path.h"
#include "controller/evidence/dialects.h"

namespace failgate {
namespace {

constexpr long long kMaxLineNumber = 10000000;

/// "example.com/churn/score.go:3.29,5.2 1 0": lines and columns of the block, its statements, how
/// often it ran.
struct Block {
  std::string_view file;
  long long first = 0;
  long long last = 0;
  long long statements = 0;
  long long hits = 0;
};

/// Takes what stands before `separator` off `rest`.
std::string_view Before(std::string_view& rest, char separator) {
  const std::size_t end = std::min(rest.find(separator), rest.size());
  const std::string_view part = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return part;
}

/// The line of "3.29".
std::optional<long long> LineOf(std::string_view position) {
  const auto line = ParseNonNegative(Before(position, '.'));
  return line && *line > 0 && *line <= kMaxLineNumber && ParseNonNegative(position) ? line
                                                                                    : std::nullopt;
}

std::optional<Block> ParseBlock(std::string_view line) {
  const std::size_t colon = line.rfind(':');
  if (colon == std::string_view::npos || colon == 0) {
    return std::nullopt;
  }
  std::string_view rest = line.substr(colon + 1);
  const auto first = LineOf(Before(rest, ','));
  const auto last = LineOf(Before(rest, ' '));
  const auto statements = ParseNonNegative(Before(rest, ' '));
  const auto hits = ParseNonNegative(rest);
  if (!first || !last || *last < *first || !statements || !hits) {
    return std::nullopt;
  }
  return Block{line.substr(0, colon), *first, *last, *statements, *hits};
}

class GoReader {
 public:
  explicit GoReader(std::string_view workspace) : workspace_(workspace) {}

  std::optional<Refusal> Read(std::string_view bytes) {
    // Nothing else in it says where it ends.
    if (bytes.back() != '\n') {
      return Refusal{"report_malformed", "Go coverprofile: its last line is cut off"};
    }
    while (!bytes.empty()) {
      ++number_;
      const std::string_view line = Trim(Before(bytes, '\n'));
      // Profiles that were joined have a mode each.
      if (line.empty() || line.substr(0, 5) == "mode:") {
        continue;
      }
      const auto block = IsUtf8(line) ? ParseBlock(line) : std::nullopt;
      if (!block) {
        return Refusal{
            "report_malformed",
            fmt::format("Go coverprofile line {}: \"{}\" is no block", number_, OneLine(line, 60))};
      }
      if (auto refusal = Add(*block)) {
        return refusal;
      }
    }
    return std::nullopt;
  }

  CoverageReport Take() {
    report_.files_outside = static_cast<long long>(outside_.size());
    return std::move(report_);
  }

 private:
  std::optional<Refusal> Add(const Block& block) {
    if (report_.files.size() + outside_.size() > kMaxCoveredFiles) {
      return Refusal{"report_too_large", "the report measures too many files"};
    }
    const auto path = RepositoryPath(block.file, workspace_);
    if (!path) {
      outside_.emplace(block.file);
      return std::nullopt;
    }
    auto& lines = report_.files[*path];
    if (block.statements == 0) {
      return std::nullopt;
    }
    for (long long number = block.first; number <= block.last; ++number) {
      const auto [line, added] = lines.try_emplace(number);
      if (++entries_ > kMaxCoveredLines) {
        return Refusal{"report_too_large", "the report measures too many lines"};
      }
      // A line of several blocks ran when one of them did; a block of several test programs
      // comes once for each.
      line->second.hits = std::max(line->second.hits, std::min(block.hits, kMaxHits));
    }
    return std::nullopt;
  }

  std::string_view workspace_;
  CoverageReport report_;
  std::set<std::string> outside_;
  long long number_ = 0;
  std::size_t entries_ = 0;
};

}  // namespace

Result<CoverageReport> ReadGoCoverprofile(std::string_view bytes, std::string_view workspace) {
  GoReader reader(workspace);
  if (auto refusal = reader.Read(bytes)) {
    return *refusal;
  }
  return reader.Take();
}

}  // namespace failgate
