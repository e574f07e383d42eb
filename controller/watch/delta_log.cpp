#include "controller/watch/delta_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "controller/base/ids.h"
#include "controller/base/text.h"
#include "controller/watch/delta_columns.h"

namespace failgate {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kVersionDigits = 20;
/// Of tables that are still whole without knowing the feature: the data lies in plain files, and
/// add minus remove is what the table holds. Whether deletion vectors and mapped columns are in use
/// is seen where they are: writers name features that a table only might use.
const std::set<std::string>& KnownFeatures() {
  static const std::set<std::string> features{"appendOnly",
                                              "invariants",
                                              "checkConstraints",
                                              "changeDataFeed",
                                              "generatedColumns",
                                              "columnMapping",
                                              "deletionVectors",
                                              "identityColumns",
                                              "rowTracking",
                                              "timestampNtz",
                                              "domainMetadata",
                                              "v2Checkpoint",
                                              "icebergCompatV1",
                                              "icebergCompatV2",
                                              "clustering",
                                              "vacuumProtocolCheck",
                                              "inCommitTimestamp",
                                              "typeWidening",
                                              "typeWidening-preview",
                                              "allowColumnDefaults",
                                              "variantType",
                                              "variantType-preview",
                                              "variantShredding-preview"};
  return features;
}

Refusal Unreadable(const std::string& what) {
  return {"delta_unreadable", what};
}

Refusal Unsupported(const std::string& what) {
  return {"delta_unsupported", what};
}

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// The first feature of the protocol that asks for more than JSON commits and plain files.
std::optional<Refusal> FaultOfProtocol(const Json& protocol) {
  for (const char* key : {"readerFeatures", "writerFeatures"}) {
    const auto features = protocol.find(key);
    if (features == protocol.end() || features->is_null()) continue;
    if (!features->is_array()) return Unreadable(fmt::format("{} is no list", key));
    for (const Json& feature : *features) {
      const std::string name = feature.is_string() ? feature.get<std::string>() : "";
      if (name == "catalogManaged" || name == "catalogOwned-preview" || name == "catalogOwned") {
        return Unsupported(
            "the table is managed by a catalog, which may hold its newest commits: watch what the "
            "catalog exports, or a table without the feature catalogManaged");
      }
      if (key == std::string_view("readerFeatures") && KnownFeatures().count(name) == 0) {
        return Unsupported(fmt::format(
            "the table uses the feature \"{}\", without which its files cannot be read right: "
            "watch a table without it",
            OneLine(name, 80)));
      }
    }
  }
  return std::nullopt;
}

/// What is not said counts: rather a version too many than one that nobody trains on.
bool ChangesData(const Json& action) {
  const auto value = action.find("dataChange");
  return value == action.end() || !value->is_boolean() || value->get<bool>();
}

/// Adds what one line of a commit says.
std::optional<Refusal> TakeAction(const Json& line, DeltaCommit& commit) {
  if (!line.is_object()) return Unreadable("a line is no JSON object");
  for (const auto& action : line.items()) {
    const std::string& kind = action.key();
    const Json& value = action.value();
    if (kind == "protocol") {
      if (auto fault = FaultOfProtocol(value)) return fault;
    } else if (kind == "metaData") {
      const auto id = value.find("id");
      if (id == value.end() || !id->is_string() || id->get<std::string>().empty()) {
        return Unreadable("metaData has no id");
      }
      commit.table_id = EscapeControls(id->get<std::string>());
      auto renamed = RenamedColumn(value);
      if (!renamed) return renamed.error();
      commit.renamed_column = std::move(*renamed);
    } else if (kind == "add" || kind == "remove") {
      const auto path = value.find("path");
      if (path == value.end() || !path->is_string()) {
        return Unreadable(fmt::format("{} has no path", kind));
      }
      const auto decoded = DecodeDeltaPath(path->get<std::string>());
      if (!decoded) {
        return Unsupported(
            fmt::format("the file \"{}\" lies outside of the table: copy the table "
                        "with its files",
                        OneLine(path->get<std::string>(), 200)));
      }
      commit.data_change = commit.data_change || ChangesData(value);
      if (kind == "remove") {
        commit.removed.push_back(*decoded);
        continue;
      }
      const auto size = value.find("size");
      if (size == value.end() || !size->is_number_integer() || size->get<long long>() < 0) {
        return Unreadable("add has no size");
      }
      const auto vector = value.find("deletionVector");
      const bool masked = vector != value.end() && !vector->is_null();
      commit.added.push_back({*decoded, size->get<long long>(), masked});
    }
  }
  return std::nullopt;
}

/// The number of "%020d" + `end`; nullopt for another name.
std::optional<long long> VersionOf(const std::string& name, bool& is_commit) {
  if (name.size() <= kVersionDigits || name[kVersionDigits] != '.') return std::nullopt;
  const auto version = ParseNonNegative(name.substr(0, kVersionDigits));
  const std::string end = name.substr(kVersionDigits);
  is_commit = end == ".json";
  if (!version || (!is_commit && end.rfind(".checkpoint.", 0) != 0)) return std::nullopt;
  return static_cast<long long>(*version);
}

}  // namespace

std::optional<std::string> DecodeDeltaPath(std::string_view path) {
  std::string decoded;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] != '%') {
      decoded.push_back(path[i]);
      continue;
    }
    const bool whole = i + 2 < path.size();
    const int high = whole ? HexValue(path[i + 1]) : -1;
    const int low = whole ? HexValue(path[i + 2]) : -1;
    if (high < 0 || low < 0) return std::nullopt;
    decoded.push_back(static_cast<char>(high * 16 + low));
    i += 2;
  }
  if (!IsSafeRelativePath(decoded)) return std::nullopt;
  return decoded;
}

Result<DeltaCommit> ParseDeltaCommit(std::string_view text) {
  DeltaCommit commit;
  std::size_t number = 0;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    ++number;
    if (Trim(line).empty()) continue;
    const Json action = Json::parse(line, nullptr, false);
    if (action.is_discarded()) return Unreadable(fmt::format("line {}: it is no JSON", number));
    if (auto fault = TakeAction(action, commit)) {
      fault->text = fmt::format("line {}: {}", number, fault->text);
      return *fault;
    }
  }
  if (number == 0) return Unreadable("the commit is empty");
  return commit;
}

std::optional<Refusal> DeltaTable::Apply(long long version, const DeltaCommit& commit) {
  if (commit.table_id) {
    id_ = *commit.table_id;
    renamed_column_ = commit.renamed_column;
  }
  if (id_.empty()) return Unreadable("the first commit has no metaData");
  for (const std::string& path : commit.removed) {
    files_.erase(path);
    masked_.erase(path);
  }
  // A commit that masks a file removes it and adds it with its vector.
  for (const DeltaCommit::Add& add : commit.added) {
    files_[add.path] = add.size;
    if (add.masked) {
      masked_.insert(add.path);
    } else {
      masked_.erase(add.path);
    }
  }
  version_ = version;
  return std::nullopt;
}

std::optional<Refusal> DeltaTable::FaultOfFiles() const {
  if (!masked_.empty()) {
    return Unsupported(
        fmt::format("rows of the file \"{}\" are deleted by a deletion vector: rewrite the table "
                    "with REORG TABLE … APPLY (PURGE), or watch a table without them",
                    OneLine(*masked_.begin(), 200)));
  }
  if (renamed_column_) {
    return Unsupported(
        fmt::format("its files call the column \"{}\" otherwise (delta.columnMapping.mode): write "
                    "a copy of the table without column mapping, and watch that",
                    OneLine(*renamed_column_, 80)));
  }
  return std::nullopt;
}

DeltaListing ReadDeltaListing(const std::vector<std::string>& names) {
  DeltaListing listing;
  for (const std::string& name : names) {
    bool is_commit = false;
    const auto version = VersionOf(name, is_commit);
    if (!version) continue;
    if (is_commit) {
      listing.commits.insert(*version);
    } else if (!listing.checkpoint || *version > *listing.checkpoint) {
      listing.checkpoint = *version;
    }
  }
  return listing;
}

std::optional<long long> DeltaListing::LastFrom(long long next) const {
  std::optional<long long> last;
  for (auto commit = commits.find(next); commit != commits.end() && *commit == next; ++commit) {
    last = next++;
  }
  return last;
}

long long DeltaListing::Highest() const {
  const long long commit = commits.empty() ? -1 : *commits.rbegin();
  return std::max(commit, checkpoint.value_or(-1));
}

std::string DeltaCommitName(long long version) {
  return fmt::format("{:020d}.json", version);
}

}  // namespace failgate
