#include "controller/deploylog/data_authors.h"

#include <algorithm>
#include <string_view>

#include "controller/base/ids.h"
#include "controller/base/text.h"
#include "controller/deploylog/unknown_author.h"

namespace failgate {
namespace {

constexpr std::string_view kBetween = "; ";

struct DataPart {
  std::string name;
  std::string version;
};

/// In order; a part without '@' has no name.
std::vector<DataPart> PartsOf(std::string_view data) {
  std::vector<DataPart> parts;
  while (!data.empty()) {
    const std::size_t end = std::min(data.find(kBetween), data.size());
    const std::string_view part = data.substr(0, end);
    data.remove_prefix(std::min(end + kBetween.size(), data.size()));
    const std::size_t at = part.find('@');
    parts.push_back(at == std::string_view::npos ? DataPart{"", std::string(part)}
                                                 : DataPart{std::string(part.substr(0, at)),
                                                            std::string(part.substr(at + 1))});
  }
  return parts;
}

/// The last parts are those of the watches, in their order.
bool EndsIn(const std::vector<DataPart>& parts, const std::vector<std::string>& watches) {
  return watches.size() <= parts.size() &&
         std::equal(
             watches.rbegin(),
             watches.rend(),
             parts.rbegin(),
             [](const std::string& watch, const DataPart& part) { return watch == part.name; });
}

bool IsOnlyOfAWatch(const DataPart& part) {
  return part.version == "none" || part.version.rfind("delta:", 0) == 0;
}

bool CanBeOfAWatch(const DataPart& part) {
  return IsValidName(part.name) && (IsOnlyOfAWatch(part) || part.version.rfind("sha256:", 0) == 0);
}

}  // namespace

std::vector<AuditFinding> CheckDataAuthors(const WrittenFact& superseded,
                                           const std::vector<std::string>& of_release) {
  std::vector<AuditFinding> findings;
  const auto add = [&findings](const char* text) {
    findings.push_back(AuditFinding{AuditKind::kRecord, text});
  };
  const auto& trailers = superseded.fact.trailers;
  const bool told =
      std::find(trailers.begin(), trailers.end(), Trailer("Authored-by", kUnknownAuthor)) !=
      trailers.end();
  const std::vector<DataPart> parts = PartsOf(superseded.Value("Data").value_or(""));
  if (const auto watched = superseded.Value("Watched")) {
    std::vector<std::string> watches = Split(*watched, ',');
    for (std::string& watch : watches) {
      watch = std::string(Trim(watch));
    }
    if (!std::is_sorted(watches.begin(), watches.end()) || !EndsIn(parts, watches)) {
      add("the watches that it names are not those of its data");
    }
    if (!told) {
      add("its data has no known author, and the fact does not say so");
    }
    return findings;
  }
  const bool must = (!parts.empty() && IsOnlyOfAWatch(parts.back())) ||
                    (!of_release.empty() && EndsIn(parts, of_release));
  if (must && !told) {
    add("its data has no known author, and the fact does not say so");
  }
  if (told && (parts.empty() || !CanBeOfAWatch(parts.back()))) {
    add("it says that its data has no known author, and no watch is among it");
  }
  return findings;
}

}  // namespace failgate
