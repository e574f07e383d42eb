#include "controller/data/data_parts.h"

#include <fmt/format.h>

#include <algorithm>

#include "controller/base/text.h"

namespace failgate {

std::string EscapeDataPath(std::string_view path) {
  std::string escaped;
  for (const char c : EscapeControls(path)) {
    if (c == ';') {
      escaped += "\\u003b";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

std::string JoinDataParts(const std::string& own, const std::map<SourceName, CommitId>& sources) {
  std::string joined = own;
  for (const auto& [name, revision] : sources) {
    joined +=
        fmt::format("{}{}@{}", joined.empty() ? "" : kDataPartEnd, name.text(), revision.text());
  }
  return joined;
}

std::map<SourceName, CommitId> DataSourcesOf(std::string_view data_version) {
  std::map<SourceName, CommitId> sources;
  while (!data_version.empty()) {
    const std::size_t end = std::min(data_version.find(kDataPartEnd), data_version.size());
    const std::string_view part = data_version.substr(0, end);
    data_version.remove_prefix(std::min(end + kDataPartEnd.size(), data_version.size()));
    const std::size_t at = part.rfind('@');
    if (at == std::string_view::npos) {
      continue;
    }
    const std::string name(part.substr(0, at));
    const std::string revision(part.substr(at + 1));
    if (IsValidName(name) && IsObjectId(revision)) {
      sources[SourceName(name)] = CommitId(revision);
    }
  }
  return sources;
}

}  // namespace failgate
