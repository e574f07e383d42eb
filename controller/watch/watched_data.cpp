#include "controller/watch/watched_data.h"

#include <fmt/format.h>

#include <algorithm>

#include "controller/base/durable_file.h"
#include "controller/base/text.h"

namespace failgate {
namespace {

constexpr std::string_view kBetween = "; ";

}  // namespace

std::string JoinDataVersion(const std::string& git, const std::vector<WatchedPart>& parts) {
  std::vector<std::string> all;
  if (!git.empty()) {
    all.push_back(git);
  }
  for (const WatchedPart& part : parts) {
    all.push_back(fmt::format("{}@{}", part.name, part.version));
  }
  return Join(all, kBetween);
}

std::vector<WatchedPart> WatchedPartsOf(const std::string& data_version,
                                        const std::vector<std::string>& watches) {
  std::vector<WatchedPart> parts;
  std::string_view rest = data_version;
  // From the end: a path of git may hold anything.
  for (auto watch = watches.rbegin(); watch != watches.rend(); ++watch) {
    const std::size_t between = rest.rfind(kBetween);
    const std::string_view part =
        between == std::string_view::npos ? rest : rest.substr(between + kBetween.size());
    if (part.size() <= watch->size() || part.substr(0, watch->size()) != *watch ||
        part[watch->size()] != '@') {
      break;
    }
    parts.push_back({*watch, std::string(part.substr(watch->size() + 1))});
    rest = between == std::string_view::npos ? std::string_view() : rest.substr(0, between);
  }
  std::reverse(parts.begin(), parts.end());
  return parts;
}

WatchedData::WatchedData(std::vector<WatchSettings> settings, WatchStore& store, WatchedBytes& data)
    : settings_(std::move(settings)), store_(store), data_(data) {}

Result<std::vector<WatchedPart>> WatchedData::Newest(const Pipeline& pipeline) const {
  std::vector<WatchedPart> parts;
  if (!pipeline.triggers.data) {
    return parts;
  }
  for (const WatchUse& use : pipeline.triggers.data->watch) {
    const auto watch =
        std::find_if(settings_.begin(), settings_.end(), [&](const WatchSettings& settings) {
          return settings.name == use.name;
        });
    if (watch == settings_.end() ||
        std::find(watch->projects.begin(), watch->projects.end(), pipeline.project) ==
            watch->projects.end()) {
      return Refusal{"unknown_watch",
                     fmt::format("{}: the server file has no watch {} for project {}: add it under "
                                 "`watch`, or take it out of triggers.data",
                                 kPipelineFileName,
                                 use.name,
                                 OneLine(pipeline.project.text(), 100))};
    }
    const auto newest = store_.Newest(use.name);
    parts.push_back({use.name, newest ? newest->version : kNoVersion});
  }
  return parts;
}

std::optional<Refusal> WatchedData::Place(const WatchedPart& part,
                                          const std::filesystem::path& folder,
                                          bool shared) const {
  CreateFolders(folder);
  if (part.version == kNoVersion) {
    return std::nullopt;
  }
  const auto files = store_.FilesOf(part.name, part.version);
  if (!files) {
    return Refusal{"version_gone",
                   fmt::format("the data {}@{} is not kept any more: run it again with --again, "
                               "with the newest",
                               part.name,
                               OneLine(part.version, 200))};
  }
  for (const WatchedFile& file : *files) {
    data_.Place(file.sha256, folder / file.path, shared);
  }
  return std::nullopt;
}

}  // namespace failgate
