#include "controller/deploylog/deployment_ends.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <tuple>

#include "controller/base/error.h"
#include "controller/base/json_number.h"

namespace failgate {
namespace {

using Json = nlohmann::json;
using EndsOfReleases = std::map<ReleaseName, std::vector<HistoryEntry>>;
constexpr std::string_view kExtension = ".json";

/// What lies in files: nothing when the state holds its ends itself.
EndsOfReleases InFiles(const EnvironmentState& state) {
  EndsOfReleases ends;
  if (!state.ends_inside) {
    for (const HistoryEntry& entry : state.history) {
      ends[entry.release].push_back(entry);
    }
  }
  return ends;
}

std::optional<TimePoint> OptionalTime(const Json& json, const char* key) {
  if (!json.contains(key)) {
    return std::nullopt;
  }
  const auto time = ParseTime(json.at(key).get<std::string>());
  Check(time.has_value(), std::string("a time in ") + key);
  return time;
}

HistoryEntry EntryOf(const ReleaseName& release, const Json& json) {
  HistoryEntry entry;
  entry.release = release;
  entry.order = WholeNumber(json, "order");
  entry.spec = json.at("spec");
  entry.decision = json.at("decision");
  const auto at = ParseTime(json.at("at").get<std::string>());
  Check(at.has_value(), "a time in at");
  entry.at = *at;
  entry.end = ParseEnd(json.at("end").get<std::string>());
  entry.steady = OptionalTime(json, "steady");
  entry.steady_until = OptionalTime(json, "steady_until");
  return entry;
}

}  // namespace

std::string EndsFolderName(const ProjectName& project) {
  return project.text() + ".ends";
}

std::string EndsFolder(const EnvironmentName& environment, const ProjectName& project) {
  return environment.text() + "/" + EndsFolderName(project);
}

std::string EndsPath(const EnvironmentName& environment,
                     const ProjectName& project,
                     const ReleaseName& release) {
  return EndsFolder(environment, project) + "/" + release.text() + std::string(kExtension);
}

std::optional<ReleaseName> ReleaseOfEndsFile(std::string_view name) {
  const bool ours = name.size() > kExtension.size() &&
                    name.substr(name.size() - kExtension.size()) == kExtension &&
                    name.find('/') == std::string_view::npos;
  if (!ours) {
    return std::nullopt;
  }
  return ReleaseName(std::string(name.substr(0, name.size() - kExtension.size())));
}

std::string WriteEnds(const std::vector<HistoryEntry>& ends) {
  Json json;
  json["ends"] = Json::array();
  for (const HistoryEntry& entry : ends) {
    Json written = {{"order", entry.order},
                    {"spec", entry.spec},
                    {"decision", entry.decision},
                    {"at", FormatTimeMilliseconds(entry.at)},
                    {"end", EndWord(entry.end)}};
    if (entry.steady) {
      written["steady"] = FormatTimeMilliseconds(*entry.steady);
    }
    if (entry.steady_until) {
      written["steady_until"] = FormatTimeMilliseconds(*entry.steady_until);
    }
    json["ends"].push_back(std::move(written));
  }
  return json.dump(1) + "\n";
}

Result<std::vector<HistoryEntry>> ReadEnds(const ReleaseName& release, std::string_view json) {
  try {
    std::vector<HistoryEntry> ends;
    const Json file = Json::parse(json);
    for (const Json& entry : file.at("ends")) {
      ends.push_back(EntryOf(release, entry));
    }
    return ends;
  } catch (const Json::exception& error) {
    return Refusal{"malformed_state", fmt::format("ends of the deploy log: {}", error.what())};
  } catch (const Error& error) {
    return Refusal{"malformed_state", fmt::format("ends of the deploy log: {}", error.what())};
  }
}

void SortEnds(std::vector<HistoryEntry>& history) {
  // Nothing the controller writes has a number twice; what somebody edited has one order all the
  // same.
  std::sort(history.begin(), history.end(), [](const HistoryEntry& a, const HistoryEntry& b) {
    return std::tie(a.order, a.release, a.spec) < std::tie(b.order, b.release, b.spec);
  });
}

EndsFiles ChangedEnds(const EnvironmentState& before, const EnvironmentState& after) {
  EndsFiles changed;
  if (before.ends_inside == after.ends_inside && before.history == after.history) {
    return changed;
  }
  const EndsOfReleases old = InFiles(before);
  const EndsOfReleases now = InFiles(after);
  for (const auto& release : old) {
    if (now.count(release.first) == 0) {
      changed[release.first] = std::nullopt;
    }
  }
  for (const auto& release : now) {
    const auto known = old.find(release.first);
    if (known == old.end() || known->second != release.second) {
      changed[release.first] = WriteEnds(release.second);
    }
  }
  return changed;
}

}  // namespace failgate
